"""Decisions compared with those of an independent evaluator, run as a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.policy_cases import ACCOUNT, ALICE, NODE, Case, cases
from tests.conformance.policy_key_cases import key_cases

from hansa.iam.policy import Decision

pytestmark = pytest.mark.clients

ORACLE = Path(__file__).parent / "oracle"
SEED = 20_180_924


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """iam-simulate, installed as the lock file says."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.fail("npm or node is missing; install Node.js 20: these tests compare with it")
    directory = tmp_path_factory.mktemp("oracle")
    for source in ORACLE.iterdir():
        if source.is_file():
            shutil.copy(source, directory)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return directory


def _ask(oracle: Path, asked: list[Case]) -> list[str]:
    done = subprocess.run(
        ["node", "decide.mjs"],
        cwd=oracle,
        input="".join(f"{json.dumps(case.simulation())}\n" for case in asked),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _outcome(decision: Decision) -> str:
    if decision.allowed:
        return "allowed"
    return "explicitly denied" if decision.explicit_deny else "denied"


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(list(cases(SEED, own=1_600, trusts=400)), id="two thousand"),
        pytest.param(list(key_cases(SEED, own=1_200, trusts=300)), id="tags, sessions and roles"),
    ],
)
def test_decisions_agree(oracle: Path, asked: list[Case]) -> None:
    theirs = _ask(oracle, asked)
    ours = [_outcome(case.decide()) for case in asked]
    differing = [
        (mine, other, case.simulation())
        for mine, other, case in zip(ours, theirs, asked, strict=True)
        if mine != other
    ]
    assert differing == []
    # All outcomes often enough, or the agreement says little.
    assert min(Counter(ours).values()) > 150
    assert len(Counter(ours)) == 3


def _case(resource: str = "*", context: Any = None, **condition: Any) -> Case:
    statement = {
        "Effect": "Allow",
        "Action": "managedblockchain:TagResource",
        "Resource": resource,
        "Condition": condition,
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return Case(ALICE, "managedblockchain:TagResource", NODE, context or {}, [document])


_TEAM = "aws:PrincipalTag/team"
KNOWN = {
    # A shift by 32 bits in JavaScript is none, so the block of everything has nothing in it.
    "the block of all addresses": (
        _case(context={"aws:SourceIp": "10.1.2.3"}, IpAddress={"aws:SourceIp": "0.0.0.0/0"}),
        "allowed",
        "denied",
    ),
    # "Variables and tags": ${*} is "where you need an * (asterisk) character", in any operator.
    "an escaped asterisk where there are no wildcards": (
        _case(context={_TEAM: "bl*"}, StringEquals={_TEAM: "bl${*}"}),
        "allowed",
        "denied",
    ),
    # "Policy variables with no value": negated operators match against a value that is null.
    "a variable without value in a negated operator": (
        _case(context={_TEAM: "blue"}, StringNotLike={_TEAM: "${aws:PrincipalTag/kind}"}),
        "allowed",
        "denied",
    ),
    # "Resource": wildcards may stand within any segment but the service's.
    "a wildcard in the type of a resource": (
        _case(f"arn:aws:managedblockchain:*:{ACCOUNT}:n????/*"),
        "allowed",
        "denied",
    ),
    # Hansa does not know which keys have lists of values: one value is one, in a list or not.
    "a list of one tag key, compared without quantifier": (
        _case(context={"aws:TagKeys": ["team"]}, StringEquals={"aws:TagKeys": "team"}),
        "allowed",
        "denied",
    ),
}


def test_the_known_differences_are_these(oracle: Path) -> None:
    theirs = _ask(oracle, [case for case, _, _ in KNOWN.values()])
    found = {
        name: (_outcome(case.decide()), other)
        for (name, (case, _, _)), other in zip(KNOWN.items(), theirs, strict=True)
    }
    assert found == {name: (mine, other) for name, (_, mine, other) in KNOWN.items()}
