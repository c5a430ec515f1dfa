"""``--explain``: finds the call, and how its key and its decision stand now."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime

from botocore.session import Session

from hansa.client.installation import ClientError, Installation
from hansa.diagnosis.explain import Explained, explain
from hansa.diagnosis.findings import Finding
from hansa.diagnosis.probe_api import Api
from hansa.diagnosis.probe_audit import LAST, find_by_api, open_record
from hansa.diagnosis.probe_credentials import probe_credentials
from hansa.diagnosis.probe_network import addressed, detour_of, region_of
from hansa.diagnosis.probe_store import LocalStore, open_local
from hansa.diagnosis.secrets_of import without_secrets
from hansa.domain.audit import Call
from hansa.domain.caller import Caller

ASSUME_ROLE = "sts:AssumeRole"


def explanation(
    installation: Installation, env: str, request_id: str, now: Callable[[], datetime]
) -> list[Finding]:
    """What is known of the call. Raises ``ClientError`` where it is not found."""
    with ExitStack() as stack:
        record = stack.enter_context(open_record(installation))
        call = record.find(request_id) if record is not None else None
        if call is None:
            return _remote(request_id, is_here=record is not None)
        local = stack.enter_context(open_local(installation, env, now))
        return explain(_explained(call, local))


def _explained(call: Call, local: LocalStore | None) -> Explained:
    if local is None:
        return Explained(call, "")
    key = local.record_of(call.access_key_id)
    account_id = call.account_id or (key.account_id if key is not None else "")
    env = local.local(None).env_of(account_id)
    ruling = call.ruling
    if ruling is None:
        return Explained(call, env, key)
    caller = Caller(
        call.account_id, call.principal_arn, call.access_key_id, call.region, call.source_ip
    )
    if ruling.action == ASSUME_ROLE:
        step = local.assuming(ruling.resource, caller)
        return Explained(call, env, key, role=step)
    now = local.permission(caller, ruling.action, ruling.resource)
    return Explained(call, env, key, now=now)


def _remote(request_id: str, *, is_here: bool) -> list[Finding]:
    at = addressed()
    _, keys = probe_credentials(may_call=not at.is_aws and not addressed("sts").is_aws)
    missing = (
        f"no call with the request id {request_id} is recorded here. `hansa audit list --refused` "
        "shows those that are."
    )
    if request_id == LAST or keys is None or at.is_aws:
        told = "" if is_here else " There is no record of calls that this user could read."
        raise ClientError(missing + told)
    api = Api(at.url, region_of(Session()), keys, detour_of(at.url))
    call = find_by_api(lambda: api.client("cloudtrail"), request_id)
    if isinstance(call, str):
        raise ClientError(f"{missing} Asked for it, {call}.")
    return [without_secrets(each, keys.secrets) for each in explain(Explained(call, ""))]
