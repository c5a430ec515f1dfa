"""Updates between configurations, applied by an independent reading of Fabric's rules."""

from __future__ import annotations

from typing import Any

import pytest
from fabric_protos.common.configtx_pb2 import Config, ConfigGroup, ConfigPolicy, ConfigValue
from fabric_protos.common.policies_pb2 import ImplicitMetaPolicy, Policy
from hypothesis import given
from hypothesis import strategies as st

from hansa.domain.agreement import fewest
from hansa.fabric.base import FabricError
from hansa.fabric.genesis import CONSORTIUM
from hansa.fabric.rpc.configs import (
    application_policies,
    capabilities_of,
    created,
    creation,
    implicit_policy,
    template,
    update_between,
)
from hansa.fabric.rpc.descriptions import describe
from hansa.fabric.rpc.policies import parse_policy
from hansa.fabric.rpc.previews import preview_of_creation

names = st.sampled_from(["a", "b", "c"])
texts = st.sampled_from([b"1", b"2"])
values = st.builds(ConfigValue, value=texts, mod_policy=st.sampled_from(["Admins", "Others"]))


def _groups(inner: st.SearchStrategy[ConfigGroup]) -> st.SearchStrategy[ConfigGroup]:
    return st.builds(
        ConfigGroup,
        values=st.dictionaries(names, values, max_size=2),
        groups=st.dictionaries(names, inner, max_size=2),
        mod_policy=st.sampled_from(["Admins", "Others"]),
    )


groups = st.recursive(_groups(st.nothing()), _groups, max_leaves=6)


def _versioned(group: ConfigGroup, draw: Any) -> ConfigGroup:
    """``group`` with versions as a life would have given it."""
    group.version = draw(st.integers(0, 3))
    for element in group.values.values():
        element.version = draw(st.integers(0, 3))
    for inner in group.groups.values():
        _versioned(inner, draw)
    return group


def _applied(present: ConfigGroup, written: ConfigGroup) -> ConfigGroup:
    """What an orderer makes of ``present`` with the write set ``written``.

    A group with a new version is what it names; another keeps all that it does not name.
    """
    result = ConfigGroup()
    is_new = written.version != present.version
    result.version = written.version
    result.mod_policy = written.mod_policy if is_new else present.mod_policy
    for name in {*present.values, *written.values}:
        if name in written.values:
            given_value = written.values[name]
            old = present.values.get(name)
            same = old is not None and old.version == given_value.version
            result.values[name].CopyFrom(old if same else given_value)
        elif not is_new:
            result.values[name].CopyFrom(present.values[name])
    for name in {*present.groups, *written.groups}:
        if name in written.groups and name in present.groups:
            inner = _applied(present.groups[name], written.groups[name])
            result.groups[name].CopyFrom(inner)
        elif name in written.groups:
            result.groups[name].CopyFrom(written.groups[name])
        elif not is_new:
            result.groups[name].CopyFrom(present.groups[name])
    return result


def _content(group: ConfigGroup) -> Any:
    """A group without its versions."""
    return (
        group.mod_policy,
        {name: (value.value, value.mod_policy) for name, value in group.values.items()},
        {name: _content(inner) for name, inner in group.groups.items()},
    )


@given(st.data(), groups, groups)
def test_an_update_leads_where_it_is_to_lead(
    data: st.DataObject, before: ConfigGroup, after: ConfigGroup
) -> None:
    _versioned(before, data.draw)
    update = update_between("trade", before, after)
    if _content(before) == _content(after):
        assert update is None
        return
    assert update is not None
    assert _content(_applied(before, update.write_set)) == _content(after)
    _check_read(update.read_set, before)


def _check_read(read: ConfigGroup, present: ConfigGroup) -> None:
    """What was read is there, at the version it has: an orderer refuses any other."""
    assert read.version == present.version
    for name, value in read.values.items():
        assert value.version == present.values[name].version
    for name, inner in read.groups.items():
        _check_read(inner, present.groups[name])


def test_policies_are_elements_too() -> None:
    before = ConfigGroup(policies={"Admins": ConfigPolicy(mod_policy="x", version=4)})
    after = ConfigGroup(policies={"Admins": ConfigPolicy(mod_policy="y")})
    update = update_between("trade", before, after)
    assert update is not None
    assert update.write_set.policies["Admins"].version == 5
    assert update.write_set.version == 0


def test_versions_alone_are_no_change() -> None:
    group = ConfigGroup(version=3, values={"a": ConfigValue(value=b"1", version=2)})
    assert (
        update_between("trade", group, ConfigGroup(values={"a": ConfigValue(value=b"1")})) is None
    )


def _system(creation_rule: int) -> ConfigGroup:
    """What the ordering service's own channel says, of two members."""
    system = ConfigGroup()
    consortium = system.groups["Consortiums"].groups[CONSORTIUM]
    policy = implicit_policy(creation_rule, "Admins").policy
    consortium.values["ChannelCreationPolicy"].value = policy.SerializeToString()
    for member in ("m-A", "m-B"):
        rule = parse_policy(f"OR('{member}.admin')")[0]
        admins = Policy(type=Policy.SIGNATURE, value=rule.SerializeToString())
        consortium.groups[member].policies["Admins"].policy.CopyFrom(admins)
    system.groups["Orderer"].groups["OrdererOrg"].CopyFrom(ConfigGroup())
    return system


@pytest.mark.parametrize(
    ("rule", "needed"), [(ImplicitMetaPolicy.ANY, 1), (ImplicitMetaPolicy.ALL, 2)]
)
def test_a_channel_comes_from_what_the_ordering_service_has(rule: int, needed: int) -> None:
    members = ["m-A", "m-B"]
    before = template(_system(rule), members)
    after = created(before, creation("trade", members, "V2_5"))
    application = after.groups["Application"]
    assert (sorted(after.groups), sorted(application.groups)) == (
        ["Application", "Orderer"], members,
    )  # fmt: skip
    assert sorted(application.policies) == sorted(application_policies())
    assert capabilities_of(application) == ["V2_5"]
    channel = describe("trade", 0, Config(channel_group=after))
    preview = preview_of_creation(before, after, channel)
    assert preview.asked == ("/Channel/Application/ChannelCreationPolicy",)
    assert fewest(preview.agreement, members) == needed
    lines = {line.path: (line.before, line.after) for line in preview.differences}
    assert lines["/Channel/Consortium"] == ("", CONSORTIUM)
    assert lines["/Channel/Application/m-B"] == ("", "a member")
    assert lines["/Channel/Application/Admins"] == ("", "MAJORITY Admins")
    assert lines["/Channel/Orderer/OrdererOrg"] == ("", "an organization of orderers")


def test_a_stranger_to_the_consortium_is_in_no_template() -> None:
    with pytest.raises(FabricError, match="m-Z is not in the network's consortium"):
        template(_system(ImplicitMetaPolicy.ANY), ["m-A", "m-Z"])
