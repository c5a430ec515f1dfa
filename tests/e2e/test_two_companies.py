"""Step 8 of AMB's guide of 2019 as printed: two companies, two accounts, one channel.

``guide/step-8`` holds its commands. Each company has a shell and a home directory of its own; what
one hands to the other is what the guide says it does.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.e2e.installation import Installation
from tests.e2e.steps import Outcome, run_steps, write_programs

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]

GUIDE = Path(__file__).parent / "guide"
STEPS = sorted((GUIDE / "step-8").glob("*.sh"))
EXAMPLE = Path(__file__).parents[2] / "examples" / "chaincode_example02"
INVITED = "123456789012"


@dataclass
class Company:
    """An account, and the shell in which its steps are typed one after the other."""

    service: Installation
    account: str
    home: Path
    programs: Path
    last: Outcome | None = None

    def __post_init__(self) -> None:
        samples = self.home / "go" / "src" / "github.com"
        samples.mkdir(parents=True)
        shutil.copytree(EXAMPLE, samples / EXAMPLE.name)

    def do(self, *steps: str, **variables: str) -> Outcome:
        """Run the steps of these numbers: those of step 8, after a dash, else the guide's."""
        scripts = [script for step in steps for script in _scripts(step)]
        given = {"HANSA_ACCOUNT": self.account, **variables}
        self.last = run_steps(self.service, scripts, self.home, self.programs, given, self.last)
        return self.last

    def variable(self, name: str) -> str:
        return self.last.variable(name) if self.last else ""


def _scripts(step: str) -> list[Path]:
    folder = GUIDE / "step-8" if step.startswith("8-") else GUIDE
    found = sorted(folder.glob(f"{step.removeprefix('8-')}-*.sh"))
    assert found, step
    return found


@pytest.fixture
def org1(service: Installation, tmp_path: Path) -> Iterator[Company]:
    company = Company(service, "default", tmp_path / "org1", write_programs(tmp_path / "bin", "2"))
    yield company
    _leave(company)


@pytest.fixture
def org2(org1: Company, tmp_path: Path) -> Iterator[Company]:
    company = Company(org1.service, "org2", tmp_path / "org2", org1.programs)
    yield company
    _leave(company)


def _leave(company: Company) -> None:
    ids = {"NetworkId": company.variable("NETWORK_ID"), "MemberId": company.variable("MEMBER_ID")}
    if all(ids.values()):
        company.service.client(account=company.account).delete_member(**ids)


def test_step_8_across_two_accounts(org1: Company, org2: Company) -> None:
    _make_org2_a_member(org1, org2)
    _make_the_joint_channel(org1, org2)
    org1.do("8-10")
    org2.do("8-10")
    shared = {"ORG2_MEMBER_ID": org2.variable("MEMBER_ID"), "ORG2_PEER": org2.variable("PEER")}
    outcome = org1.do("8-11", "8-12", "8-13", **shared)
    assert outcome.out["12-1-query"] == "100\n", str(outcome)
    assert outcome.out["12-3-query-again"] == "90\n", str(outcome)
    alone = outcome.out["13-invoke-alone"]
    assert "ENDORSEMENT_POLICY_FAILURE" in alone
    assert alone.endswith("\n90\n"), alone


def _make_org2_a_member(org1: Company, org2: Company) -> None:
    """Steps 8.1 to 8.3. The account is made after it was invited."""
    outcome = org1.do("01", "03", "04", "05", "06-2", "8-01", "8-02", NAME=org1.home.parent.name)
    assert json.loads(outcome.out["02-vote"])["Proposal"]["Status"] == "APPROVED"
    made = org1.service.hansa_json("account", "create", "org2", "--account-id", INVITED)
    assert made["AccountId"] == INVITED
    network = org1.variable("NETWORK_ID")
    outcome = org2.do("8-03", "03", "04", "05", "06-2", NETWORK_ID=network)
    (invitation,) = json.loads(outcome.out["03-create-member"])["Invitations"]
    assert invitation["Status"] == "ACCEPTED"
    assert invitation["NetworkSummary"]["Id"] == network


def _make_the_joint_channel(org1: Company, org2: Company) -> None:
    """Steps 8.4 to 8.9."""
    outcome = org1.do("8-05", HANDED_OVER=str(org2.home / "admin-msp"))
    members = json.loads(outcome.out["05-share"])["Members"]
    ids = [company.variable("MEMBER_ID") for company in (org1, org2)]
    assert [(m["Id"], m["Name"], m["IsOwned"]) for m in members] == [
        (ids[0], "org1", True),
        (ids[1], "org2", False),
    ]
    text = (GUIDE / "step-8" / "configtx.yaml").read_text()
    text = text.replace("Member1ID", ids[0]).replace("Member2ID", ids[1])
    (org1.home / "configtx.yaml").write_text(text)
    org1.do("8-06", "8-07", "8-09")
    org2.do("8-08", "8-09")
