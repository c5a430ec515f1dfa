"""Every call, put into the record before it is answered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

from hansa.domain.audit import Call, Outcome
from hansa.domain.errors import AccessDeniedError, AuthenticationError
from hansa.domain.redaction import Redaction
from hansa.domain.refusals import WINDOW, RefusalBudget, Unrecorded
from hansa.wire.authorize import ANY_RESOURCE, named_arns
from hansa.wire.exchange import Exchange

RESOURCES_MAX = 50
USER_AGENT_MAX = 512
UNRECORDED = "UnrecordedRefusals"
"""The operation of an entry that stands for refusals that were only counted."""

_READING = ("Describe", "Get", "Head", "List", "Lookup", "Search", "Simulate", "Verify")
# They change nothing that is kept for long, and give out what lets others act.
_HANDING_OUT = frozenset({"AssumeRole", "GetSessionToken"})
_ACCESS_KEY_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{4,28}\Z")


class Trail(Protocol):
    """Where calls are recorded; :class:`hansa.store.audit_writer.AuditWriter` is one."""

    def ready(self) -> Future[None] | None:
        """``None`` where calls can be recorded; else what to wait for, which may raise."""
        ...

    def add(self, call: Call, *, urgent: bool) -> Future[None] | None:
        """Take a call; what to wait for before it is answered, if anything."""
        ...


class NoTrail:
    """Records nothing."""

    def ready(self) -> None:
        """Nothing can go wrong."""

    def add(self, call: Call, *, urgent: bool) -> None:
        """Forget it."""


class CallRecorder:
    """Makes calls of exchanges, and keeps down what strangers can have written.

    Refusals of callers that are not known are recorded as :class:`RefusalBudget` lets them; the
    number of the others is recorded once their minute is over.
    """

    def __init__(
        self, trail: Trail, now: Callable[[], datetime], new_request_id: Callable[[], str]
    ) -> None:
        self._trail = trail
        self._now = now
        self._new_request_id = new_request_id
        self._budget = RefusalBudget()

    async def before_change(self, operation: str) -> None:
        """Raise :class:`~hansa.domain.errors.ServiceError` where no change can be recorded now."""
        waiting = None if is_read_only(operation) else self._trail.ready()
        if waiting is not None:
            await asyncio.shield(asyncio.wrap_future(waiting))

    async def settle(self, exchange: Exchange) -> None:
        """Have the call recorded; return once that has lasted as long as it has to.

        That is on disk for a call that changed something, or was denied. Raises
        :class:`~hansa.domain.errors.ServiceError` where it could not be written.
        """
        if not exchange.is_call:
            return
        self._count_what_is_over()
        if exchange.caller is None and not self._admits(exchange):
            return
        call = call_of(exchange)
        urgent = call.outcome is Outcome.DENIED or (
            call.outcome is Outcome.ALLOWED
            and (not call.read_only or call.operation in _HANDING_OUT)
        )
        written = self._trail.add(call, urgent=urgent)
        if written is not None:
            await asyncio.shield(asyncio.wrap_future(written))

    def close(self) -> None:
        """Record what was counted."""
        self._count_what_is_over(ends=True)

    def _admits(self, exchange: Exchange) -> bool:
        if self._budget.admits(exchange.source_ip, _cause(exchange), exchange.at):
            return True
        loop = asyncio.get_running_loop()
        loop.call_later(WINDOW.total_seconds() + 1, self._count_what_is_over)
        return False

    def _count_what_is_over(self, *, ends: bool = False) -> None:
        found = self._budget.over(self._now(), ends=ends)
        if found is not None:
            self._trail.add(_counted(found, self._new_request_id()), urgent=False)


def _counted(found: Unrecorded, request_id: str) -> Call:
    parameters = asdict(found)
    for name in ("since", "until"):
        parameters[name] = parameters[name].isoformat()
    return Call(
        request_id,
        found.until,
        operation=UNRECORDED,
        parameters=parameters,
        error_message=f"{found.count} further requests of unknown callers were refused.",
    )


def is_read_only(operation: str) -> bool:
    """Whether an operation of this name changes nothing, as CloudTrail sees it."""
    return operation.startswith(_READING) or operation == "AssumeRole"


def call_of(exchange: Exchange) -> Call:
    """What is recorded of an exchange: nothing of it is secret, and nothing larger than bounds."""
    redaction = Redaction(exchange.secret_names | exchange.told.secret_names)
    access_key_id = _access_key_id(exchange, redaction)
    caller, error = exchange.caller, exchange.error or exchange.told.error
    operation = exchange.title
    read_only = is_read_only(operation)
    request = exchange.told.parameters if exchange.request is None else exchange.request
    parameters = None if request is None else redaction.value(request)
    answer = None
    if exchange.output and not read_only:
        answer = redaction.value(exchange.output)
    denied = error.ruling if isinstance(error, AccessDeniedError) else None
    return Call(
        request_id=exchange.request_id,
        at=exchange.at,
        service=exchange.service,
        operation=redaction.text(operation)[:256],
        region=exchange.region,
        account_id=caller.account_id if caller else "",
        principal_arn=caller.principal_arn if caller else "",
        access_key_id=access_key_id,
        source_ip=exchange.source_ip,
        user_agent=redaction.text(exchange.head.headers.get("user-agent", "")[:USER_AGENT_MAX]),
        read_only=read_only,
        resources=_resources(exchange, redaction),
        parameters=parameters,
        answer=answer,
        status=exchange.status,
        error_code=error.code if error else exchange.told.error_code,
        error_message=redaction.text(error.message if error else exchange.told.error_message),
        signature_cause=_cause(exchange),
        ruling=denied,
    )


def _cause(exchange: Exchange) -> str:
    error = exchange.error
    return str(error.cause) if isinstance(error, AuthenticationError) else ""


def _access_key_id(exchange: Exchange, redaction: Redaction) -> str:
    """The key's id. What an unknown caller gave as one may be the secret itself, by mistake."""
    claimed = exchange.access_key_id
    if exchange.caller is not None or not claimed or _ACCESS_KEY_ID.match(claimed):
        return claimed
    redaction.secrets.add(claimed)
    return f"(no access key id: {len(claimed)} characters)"


def _resources(exchange: Exchange, redaction: Redaction) -> tuple[str, ...]:
    """The ARNs that the call acts on, and those of what its input and answer name."""
    arns = [*exchange.arns, *exchange.told.resources]
    if exchange.service == "managedblockchain" and exchange.caller is not None:
        documents: list[Any] = [exchange.request or {}, exchange.output or {}]
        arns += named_arns(exchange.caller, *documents)
    unique = dict.fromkeys(arn for arn in arns if arn not in ANY_RESOURCE)
    return tuple(redaction.text(arn)[:2048] for arn in unique)[:RESOURCES_MAX]
