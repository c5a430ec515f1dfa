"""Steps 1 to 7 of AMB's guide of 2019, and its page 56: another administrator.

``guide/`` holds the commands, a file per step. The tools run here instead of in a container: what
``docker exec -e`` gave to each command is exported, and ``/opt/home`` stands for the home directory
where it did so in the container.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.e2e.installation import Installation
from tests.e2e.steps import Outcome, run_steps

pytestmark = [pytest.mark.fabric, pytest.mark.clients, pytest.mark.slow]

GUIDE = Path(__file__).parent / "guide"
STEPS = sorted(GUIDE.glob("*.sh"))
EXAMPLE = Path(__file__).parents[2] / "examples" / "chaincode_example02"
CONFIGURED = GUIDE / "configtx.yaml"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The guide's home directory, with the samples in the GOPATH, as its container mounted them."""
    home = tmp_path / "ec2-user"
    samples = home / "go" / "src" / "github.com"
    samples.mkdir(parents=True)
    shutil.copytree(EXAMPLE, samples / "chaincode_example02")
    return home


def test_steps_1_to_7_and_another_administrator(
    service: Installation, programs: Path, home: Path, tmp_path: Path
) -> None:
    edit = tmp_path / "06-0-edit-configtx.sh"
    edit.write_text(f'sed "s/MemberID/$MEMBER_ID/" {CONFIGURED} > ~/configtx.yaml\n')
    steps = sorted([*STEPS, edit], key=lambda script: script.name)

    outcome = run_steps(service, steps, home, programs, {"NAME": tmp_path.name})

    network, member = outcome.variable("NETWORK_ID"), outcome.variable("MEMBER_ID")
    networks = json.loads(outcome.out["01-create-network"])["Networks"]
    assert (network, "AVAILABLE", "1.2") in [
        (item["Id"], item["Status"], item["FrameworkVersion"]) for item in networks
    ]
    about = json.loads(outcome.out["03-certificate-authority"])
    assert about["success"] is True
    assert about["result"]["CAName"] == member
    assert "CA:TRUE" in outcome.out["04-enroll"]
    _assert_chaincode(outcome)
    _assert_another_administrator(outcome)
    # A member that goes takes its channel and network along; nothing is in a test's way then.
    service.client().delete_member(NetworkId=network, MemberId=member)


def _assert_chaincode(outcome: Outcome) -> None:
    listed = "Name: mycc, Version: v0, Path: github.com/chaincode_example02/go, Escc: escc"
    assert listed in outcome.out["07-2-list-chaincode"], str(outcome)
    assert outcome.out["07-3-query"] == "100\n", str(outcome)
    assert outcome.out["07-5-query-again"] == "90\n", str(outcome)


def _assert_another_administrator(outcome: Outcome) -> None:
    """Only an administrator of the member may ask a peer for its channels, and install."""
    assert "OU = admin" in outcome.out["56-1-register-administrator"]
    assert "mychannel" in outcome.out["56-2-act-as-administrator"], str(outcome)
    assert "Name: another, Version: v0" in outcome.out["56-2-act-as-administrator"]
