"""Assets with an owner and a whole-number value, one state entry each, keyed by their ID.

Every endorser has to compute the same result, so times come from the transaction and not from the
endorser's clock.
"""

from __future__ import annotations

import json
from typing import Any

from hansa_contract import ChaincodeError, Context, Contract, evaluate, submit


class AssetContract(Contract):
    """Functions have the names that they have in the other languages."""

    @submit(name="initLedger")
    def init_ledger(self, ctx: Context) -> None:
        """Put the first asset on a new ledger."""
        self._put(ctx, "asset1", "Alice", 100)

    @submit(name="createAsset")
    def create_asset(self, ctx: Context, id: str, owner: str, value: int) -> dict[str, Any]:  # noqa: A002
        """Create an asset, or replace the one of this ID; return it."""
        if not id or not owner:
            raise ChaincodeError("createAsset takes an ID, an owner and a whole number as value")
        return self._put(ctx, id, owner, value)

    @evaluate(name="readAsset")
    def read_asset(self, ctx: Context, id: str) -> dict[str, Any]:  # noqa: A002
        """Return the asset of this ID."""
        state = ctx.stub.get_state(id)
        if not state:
            raise ChaincodeError(f"Asset {id} does not exist")
        asset: dict[str, Any] = json.loads(state)
        return asset

    @evaluate(name="getAllAssets")
    def get_all_assets(self, ctx: Context) -> list[dict[str, Any]]:
        """Return every asset, as a list of {Key, Record}."""
        return [
            {"Key": found.key, "Record": json.loads(found.value)}
            for found in ctx.stub.get_state_by_range("", "")
        ]

    def _put(self, ctx: Context, id: str, owner: str, value: int) -> dict[str, Any]:  # noqa: A002
        time = ctx.timestamp.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        asset = {"ID": id, "Owner": owner, "Value": value, "Timestamp": time}
        ctx.stub.put_state(id, json.dumps(asset, separators=(",", ":")))
        return asset
