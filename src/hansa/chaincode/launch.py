"""What a peer tells chaincode at its start: who it is, and how to reach and trust the peer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hansa.chaincode.config import BuildError

NOT_FOR_CHAINCODE = ("HOME", "TMPDIR", "PATH")


@dataclass(frozen=True)
class Launch:
    """``chaincode.json`` of a launch directory; the TLS values are PEM, empty without TLS."""

    directory: Path
    chaincode_id: str
    peer_address: str
    msp_id: str
    client_certificate: str
    client_key: str
    root_certificate: str

    @property
    def tls(self) -> bool:
        return bool(self.client_certificate)

    def write(self, name: str, text: str) -> str:
        """Put a secret file into the launch directory, which the peer deletes; its path."""
        file = self.directory / name
        file.touch(mode=0o600)
        file.write_text(text)
        return str(file)

    def environment(self) -> dict[str, str]:
        """What the shims of every language read, without the TLS files that differ."""
        values = {
            "CORE_CHAINCODE_ID_NAME": self.chaincode_id,
            "CORE_PEER_ADDRESS": self.peer_address,
            "CORE_PEER_LOCALMSPID": self.msp_id,
            "CORE_PEER_TLS_ENABLED": "true" if self.tls else "false",
        }
        if self.tls:
            values["CORE_PEER_TLS_ROOTCERT_FILE"] = self.write("root.pem", self.root_certificate)
        return values


def read_launch(directory: Path) -> Launch:
    """Raises :class:`BuildError` where ``chaincode.json`` is not as Fabric writes it."""
    try:
        raw = json.loads((directory / "chaincode.json").read_text())
        return Launch(
            directory=directory,
            chaincode_id=raw["chaincode_id"],
            peer_address=raw["peer_address"],
            msp_id=raw["mspid"],
            client_certificate=raw.get("client_cert") or "",
            client_key=raw.get("client_key") or "",
            root_certificate=raw.get("root_cert") or "",
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise BuildError(f"chaincode.json of the launch cannot be read: {fault}") from fault


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """What chaincode and builds get of the peer's environment: settings, and no places."""
    return {
        name: value
        for name, value in environment.items()
        if name not in NOT_FOR_CHAINCODE and not name.startswith("HANSA_")
    }
