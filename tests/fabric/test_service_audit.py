"""The service killed with -9 under load: no call that it answered is missing in the record."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from tests.fabric.running import RunningService

from hansa.store.audit import AuditRecord, open_audit
from hansa.store.audit_search import AuditQuery, walk
from hansa.store.audit_verify import verify

pytestmark = pytest.mark.fabric

MakeService = Callable[..., RunningService]
ROUNDS = 4
CALLERS = 6


def test_what_was_answered_is_recorded_however_the_service_ends(make_service: MakeService) -> None:
    service = make_service()
    chance = random.Random(20261121)
    answered: dict[str, str] = {}
    for _ in range(ROUNDS):
        service.start()
        _load_until_killed(service, chance.uniform(0.2, 1.0), answered)
        with contextlib.closing(_record(service.data_dir)) as record:
            verdict = verify(record)
            calls = {e.call.request_id: e.call for e in walk(record, AuditQuery())}
        assert verdict.fault == ""
        assert [name for name in answered if name not in calls] == []
    assert len(answered) > ROUNDS * CALLERS
    assert {calls[name].operation for name in answered} == {"CreateAccessor", "TagResource"}
    accessors = [arn for name in answered for arn in calls[name].resources]
    assert all("accessors/" in arn for arn in accessors)


def _record(data_dir: Path) -> AuditRecord:
    return open_audit(data_dir / "audit.db", data_dir / "secrets" / "store.key")


def _load_until_killed(service: RunningService, seconds: float, answered: dict[str, str]) -> None:
    """Many make accessors and tag them until the service is gone; what they are answered counts."""
    assert service.process is not None
    threads = [
        threading.Thread(target=_call_on, args=(service.api, answered)) for _ in range(CALLERS)
    ]
    timer = threading.Timer(seconds, service.process.kill)
    timer.start()
    for thread in threads:
        thread.start()
    for thread in [*threads, timer]:
        thread.join(timeout=90)
    service.process.wait(timeout=60)


def _call_on(api: Any, answered: dict[str, str]) -> None:
    # KeyError: of an answer that was cut off, boto3 makes an empty one.
    with contextlib.suppress(BotoCoreError, ClientError, KeyError):
        while True:
            made = api.create_accessor(AccessorType="BILLING_TOKEN")
            answered[_request_id(made)] = made["AccessorId"]
            arn = api.get_accessor(AccessorId=made["AccessorId"])["Accessor"]["Arn"]
            tagged = api.tag_resource(ResourceArn=arn, Tags={"a": "b"})
            answered[_request_id(tagged)] = made["AccessorId"]


def _request_id(answer: Any) -> str:
    return str(answer["ResponseMetadata"]["RequestId"])
