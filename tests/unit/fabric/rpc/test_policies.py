from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hansa.fabric.rpc.policies import (
    PolicySyntaxError,
    application_policy,
    normal_policy,
    parse_policy,
    policy_text,
)

principals = st.builds(
    "'{}.{}'".format, st.sampled_from(["m-A", "m-B", "m-C"]), st.sampled_from(["member", "peer"])
)


def _combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(parts, min_size=1, max_size=3)
    simple = st.builds(
        lambda rule, found: f"{rule}({', '.join(found)})", st.sampled_from(["AND", "or"]), several
    )
    counted = several.flatmap(
        lambda found: st.integers(1, len(found)).map(lambda n: f"OutOf({n}, {', '.join(found)})")
    )
    return simple | counted


@given(st.recursive(principals, _combined, max_leaves=8))
def test_what_is_read_is_written_the_same(text: str) -> None:
    policy, members = parse_policy(text)
    assert parse_policy(policy_text(policy)) == (policy, members)
    assert normal_policy(normal_policy(text)) == normal_policy(text)


def test_a_policy_has_fabrics_shape() -> None:
    policy, members = parse_policy("AND('m-A.member', OR('m-B.peer','m-A.member'))")
    assert members == ["m-A", "m-B"]
    assert len(policy.identities) == 2
    assert policy.rule.n_out_of.n == 2
    inner = policy.rule.n_out_of.rules[1].n_out_of
    assert (inner.n, [rule.signed_by for rule in inner.rules]) == (1, [1, 0])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "its end where AND"),
        ("AND(", "its end where AND"),
        ("AND('m-A.member'", "its end where ')'"),
        ("'m-A.member')", "')' where its end"),
        ("XOR('m-A.member')", "'XOR' where AND"),
        ("'m-A.boss'", "one of member, admin"),
        ("'m-A'", "a dot"),
        ("OutOf(2,'m-A.member')", "2 out of 1"),
        ("OutOf(0,'m-A.member')", "0 out of 1"),
        ("OutOf('m-A.member')", "a number"),
        ("AND('m-A.member' ; 'm-B.member')", "';', which has no meaning"),
        ("AND(" * 30 + "'m-A.member'" + ")" * 30, "nested"),
    ],
)
def test_what_is_no_policy_is_told(text: str, says: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse_policy(text)
    assert says in str(caught.value)


def test_a_policy_may_be_the_channels() -> None:
    policy = application_policy("/Channel/Application/Admins")
    assert policy.channel_config_policy_reference == "/Channel/Application/Admins"
