from __future__ import annotations

import pytest

from hansa.fabric.addresses import direct, is_loopback

ZONE = "n-1.managedblockchain.us-east-1.example"


def test_without_a_proxy_nothing_changes() -> None:
    assert direct({"GOPROXY": "off"}, ZONE) == {"GOPROXY": "off"}


def test_a_proxy_is_not_asked_for_the_networks_own_names() -> None:
    given = {"HTTPS_PROXY": "http://proxy.example:3128", "no_proxy": "intranet.example, localhost"}
    own = f"intranet.example,localhost,127.0.0.1,.{ZONE}"
    assert direct(given, ZONE) == {
        "HTTPS_PROXY": "http://proxy.example:3128",
        "NO_PROXY": own,
        "no_proxy": own,
    }


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("a.b", False)],
)
def test_loopback(host: str, *, expected: bool) -> None:
    assert is_loopback(host) is expected
