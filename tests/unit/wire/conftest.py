from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.conformance.toy import Recorder, make_app

from hansa.wire.app import Application


@pytest.fixture
def operations() -> Recorder:
    return Recorder()


@pytest.fixture
def app(operations: Recorder) -> Iterator[Application]:
    application = make_app(
        operations, public={"/healthz": lambda: ("application/json", b'{"Status":"ok"}')}
    )
    yield application
    application.close()
