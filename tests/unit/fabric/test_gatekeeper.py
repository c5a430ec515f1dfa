"""The order of what the gatekeeper does, with orderers that are a table of configurations."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from hansa.fabric import gatekeeper as module
from hansa.fabric.base import FabricError
from hansa.fabric.gatekeeper import Expulsion, Gatekeeper, Orderer, OrderingService
from hansa.fabric.metrics import Metrics
from hansa.fabric.organizations import ORDERER_ADMINS, member_organization
from hansa.fabric.tools import FabricTools

SYSTEM = "hansa-system-channel"
POLICY_REFUSAL = "policy for [Group] /Channel/Application not satisfied"


def group(*, groups: dict[str, Any]) -> dict[str, Any]:
    return {
        "groups": groups,
        "mod_policy": "Admins",
        "policies": {},
        "values": {},
        "version": "0",
    }


def members(*names: str) -> dict[str, Any]:
    return {name: member_organization(name, name.encode(), b"tls") for name in names}


def channel(*names: str) -> dict[str, Any]:
    return group(groups={"Application": group(groups=members(*names))})


class Ledger(FabricTools):
    """``acts`` are (act, signer's MSP, channel); an update comes into effect after ``delay``
    fetches, unless ``refusals`` have a word on the group of its channel that it changes.
    """

    def __init__(self, channels: dict[str, dict[str, Any]], *names: str) -> None:
        consortiums = group(groups={"AWSSystemConsortium": group(groups=members(*names))})
        self.channels = {SYSTEM: group(groups={"Consortiums": consortiums}), **channels}
        self.acts: list[tuple[str, str, str]] = []
        self.down: set[str] = set()
        self.refusals: dict[tuple[str, str], str] = {}
        self.delay = 0
        self._pending: list[tuple[str, Any]] = []

    def consortium(self) -> set[str]:
        groups = self.channels[SYSTEM]["groups"]["Consortiums"]["groups"]
        return set(groups["AWSSystemConsortium"]["groups"])

    def run(
        self, program: str, arguments: Any, source: bytes = b"", environment: Any = None
    ) -> bytes:
        words, signer = list(arguments), environment["CORE_PEER_LOCALMSPID"]
        if words[1] == "signconfigtx":
            name = json.loads(Path(words[3]).read_bytes())["channel_id"]
            self.acts.append(("sign", signer, name))
            return b""
        name, orderer = words[words.index("-c") + 1], words[words.index("-o") + 1]
        if orderer in self.down:
            raise FabricError(f"{orderer} is down")
        self.acts.append((words[1], signer, name))
        if words[1] == "fetch":
            Path(words[3]).write_text(name)
        else:
            self._update(json.loads(Path(words[3]).read_bytes())["write_set"], name)
        return b""

    def decode(self, message: str, encoded: bytes) -> dict[str, Any]:
        for name, written in self._pending if self.delay == 0 else ():
            apply(self.channels[name], written)
        if self.delay:
            self.delay -= 1
        top = copy.deepcopy(self.channels[encoded.decode()])
        return {"data": {"data": [{"payload": {"data": {"config": {"channel_group": top}}}}]}}

    def encode(self, message: str, value: Any) -> bytes:
        return json.dumps(value["payload"]["data"]["config_update"]).encode()

    def _update(self, written: Any, name: str) -> None:
        application = written["groups"].get("Application")
        changed = "member" if application and application["version"] == "0" else "channel"
        if refusal := self.refusals.get((name, changed)):
            raise FabricError(refusal)
        self._pending.append((name, written))


def apply(present: dict[str, Any], written: dict[str, Any]) -> None:
    """Change ``present`` as an orderer does."""
    changed = present["version"] != written["version"]
    present["version"] = written["version"]
    if changed:
        for gone in present["groups"].keys() - written["groups"].keys():
            del present["groups"][gone]
    for name, value in written["values"].items():
        if "value" in value:
            present["values"][name] = value
    for name, below in written["groups"].items():
        if name in present["groups"] and "groups" in below:
            apply(present["groups"][name], below)
        elif name not in present["groups"]:
            present["groups"][name] = below


class Known(Metrics):
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.asked: list[str] = []

    def channels(self, url: str) -> list[str]:
        self.asked.append(url)
        return sorted(self._ledger.channels)


SERVICE = OrderingService(
    network_id="n-1",
    orderers=(Orderer("one:1", "http://one/metrics"), Orderer("two:2", "http://two/metrics")),
    admin_msp=Path("/admin"),
    tls_chain=Path("/chain"),
)
VOID = member_organization("m-2", b"void", b"tls")


def expulsion(*remaining: str) -> Expulsion:
    administrators = {name: Path(f"/{name}") for name in (*remaining, "m-2")}
    return Expulsion("m-2", remaining, administrators, VOID)


def test_a_member_is_admitted_once() -> None:
    ledger = Ledger({}, "m-1")
    gatekeeper = Gatekeeper(ledger, Known(ledger))
    gatekeeper.admit(SERVICE, "m-2", members("m-2")["m-2"])
    assert ledger.consortium() == {"m-1", "m-2"}
    acts = [("fetch", "OrdererMSP", SYSTEM), ("update", "OrdererMSP", SYSTEM)]
    assert ledger.acts == [*acts, acts[0]]
    gatekeeper.admit(SERVICE, "m-2", members("m-2")["m-2"])
    assert ledger.acts == [*acts, acts[0], acts[0]]


def test_an_admission_is_in_effect_when_it_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0)
    ledger = Ledger({}, "m-1")
    ledger.delay = 5
    Gatekeeper(ledger, Known(ledger)).admit(SERVICE, "m-2", members("m-2")["m-2"])
    assert ledger.consortium() == {"m-1", "m-2"}
    ledger.delay = 10_000
    with pytest.raises(FabricError, match=r"m-3 .* is not in effect yet"):
        Gatekeeper(ledger, Known(ledger)).admit(SERVICE, "m-3", members("m-3")["m-3"])


def test_the_next_orderer_serves_where_one_is_down() -> None:
    ledger = Ledger({"ours": channel("m-1", "m-2")}, "m-1", "m-2")
    ledger.down = {"one:1"}
    known = Known(ledger)
    Gatekeeper(ledger, known).expel(SERVICE, expulsion("m-1"))
    assert known.asked == ["http://two/metrics"]
    ledger.down = {"one:1", "two:2"}
    with pytest.raises(FabricError, match="cannot expel member m-2: two:2 is down"):
        Gatekeeper(ledger, known).expel(SERVICE, expulsion("m-1"))


def test_a_member_is_expelled_from_the_consortium_first_and_from_each_channel() -> None:
    channels = {
        "all": channel("m-1", "m-2", "m-3"),
        "lonely": channel("m-2"),
        "others": channel("m-1", "m-3"),
    }
    ledger = Ledger(channels, "m-1", "m-2", "m-3")
    gatekeeper = Gatekeeper(ledger, Known(ledger))
    gatekeeper.expel(SERVICE, expulsion("m-1", "m-3"))
    assert ledger.consortium() == {"m-1", "m-3"}
    left = {
        name: set(top["groups"]["Application"]["groups"])
        for name, top in ledger.channels.items()
        if name != SYSTEM
    }
    assert left == {"all": {"m-1", "m-3"}, "lonely": {"m-2"}, "others": {"m-1", "m-3"}}
    fetch = [("fetch", "OrdererMSP", name) for name in (SYSTEM, "all", "lonely", "others")]
    assert ledger.acts == [
        fetch[0],
        ("update", "OrdererMSP", SYSTEM),
        fetch[0],
        fetch[1],
        *[("sign", name, "all") for name in ("m-1", "m-2", "m-3")],
        ("update", "OrdererMSP", "all"),
        *fetch[1:],
    ]
    ledger.acts.clear()
    gatekeeper.expel(SERVICE, expulsion("m-1", "m-3"))
    assert ledger.acts == fetch


def test_a_member_without_keys_does_not_sign() -> None:
    ledger = Ledger({"ours": channel("m-1", "m-2")}, "m-1")
    gone = Expulsion("m-2", ("m-1",), {"m-1": Path("/m-1")}, VOID)
    Gatekeeper(ledger, Known(ledger)).expel(SERVICE, gone)
    assert [signer for act, signer, _ in ledger.acts if act == "sign"] == ["m-1"]


def test_where_policies_hold_it_a_member_is_made_void() -> None:
    ledger = Ledger({"ours": channel("m-1", "m-2")}, "m-1", "m-2")
    ledger.refusals = {("ours", "channel"): POLICY_REFUSAL}
    gatekeeper = Gatekeeper(ledger, Known(ledger))
    for _ in range(2):
        gatekeeper.expel(SERVICE, expulsion("m-1"))
    organization = ledger.channels["ours"]["groups"]["Application"]["groups"]["m-2"]
    value = VOID["values"]["MSP"]["value"]
    assert organization["values"]["MSP"] == {
        "mod_policy": ORDERER_ADMINS,
        "value": value,
        "version": "1",
    }


def test_both_refusals_are_told() -> None:
    ledger = Ledger({"ours": channel("m-1", "m-2")}, "m-1", "m-2")
    ledger.refusals = {("ours", "channel"): POLICY_REFUSAL, ("ours", "member"): "not yours"}
    with pytest.raises(FabricError) as fault:
        Gatekeeper(ledger, Known(ledger)).expel(SERVICE, expulsion("m-1"))
    assert str(fault.value) == (
        f"cannot expel member m-2: in channel ours: {POLICY_REFUSAL};"
        " nor can its MSP be made void: not yours"
    )


def test_another_refusal_is_not_taken_for_one_by_policy() -> None:
    ledger = Ledger({"ours": channel("m-1", "m-2")}, "m-1", "m-2")
    ledger.refusals = {("ours", "channel"): "no leader"}
    with pytest.raises(FabricError) as fault:
        Gatekeeper(ledger, Known(ledger)).expel(SERVICE, expulsion("m-1"))
    assert str(fault.value) == "cannot expel member m-2: in channel ours: no leader"
    assert ledger.acts.count(("update", "OrdererMSP", "ours")) == len(SERVICE.orderers)
