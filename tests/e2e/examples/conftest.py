"""One network for all examples: two members with a node each, and a channel, made by API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.e2e.examples.deploying import CHANNEL
from tests.e2e.installation import Installation
from tests.e2e.network import Pair, create_network, join_network


@pytest.fixture(scope="package")
def pair(service: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    first = create_network(service, tmp_path_factory.mktemp("first"))
    second = join_network(first, "org2", tmp_path_factory.mktemp("second"))
    made = Pair(first, second, service.client("hansafabric"))
    made.await_done(
        made.fabric.create_channel(
            **first.member_keys, Name=CHANNEL, Members=[second.member_id], Capability="V2_5"
        )
    )
    yield made
    first.api.delete_member(**second.member_keys)
    first.delete()
