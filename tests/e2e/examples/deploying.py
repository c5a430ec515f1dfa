"""The ways in which a contract comes onto the channel: boto3, the AWS CLI, and ``hansa``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.installation import HANSA, told
from tests.e2e.network import Pair
from tests.e2e.steps import CLI_V1
from tests.e2e.test_chaincode_api import archive

CHANNEL = "examples"
EXAMPLES = Path(__file__).parents[3] / "examples"

_AWS_CLI = """
set -euo pipefail
eval "$("$HANSA" env)"
PACKAGE_ID=$("$AWS" hansafabric package-chaincode --code "fileb://$CODE" --language "$LANGUAGE" \
    --label "$NAME" --query PackageId --output text)
OPERATION_ID=$("$AWS" hansafabric deploy-chaincode --network-id "$NETWORK_ID" \
    --member-id "$MEMBER_ID" --channel-name "$CHANNEL" --definition "Name=$NAME" \
    --package-id "$PACKAGE_ID" --query OperationId --output text)
"$AWS" hansafabric wait operation-succeeded --operation-id "$OPERATION_ID"
"""

Way = Callable[[Pair, str, str, Path], object]


def by_boto3(pair: Pair, name: str, language: str, folder: Path, **definition: Any) -> None:
    deploy_code(pair, name, archive(folder), {"Language": language}, **definition)


def deploy_code(
    pair: Pair, name: str, code: bytes, described: dict[str, str], **definition: Any
) -> None:
    package = pair.fabric.package_chaincode(Code=code, Label=name, **described)
    pair.await_done(
        pair.fabric.deploy_chaincode(
            **pair.first.member_keys,
            ChannelName=CHANNEL,
            Definition={"Name": name, **definition},
            PackageId=package["PackageId"],
        )
    )


def by_aws_cli(pair: Pair, name: str, language: str, folder: Path) -> None:
    code = pair.first.home / f"{name}.tar.gz"
    code.write_bytes(archive(folder))
    variables = {
        "AWS": str(CLI_V1),
        "CHANNEL": CHANNEL,
        "CODE": str(code),
        "HANSA": str(HANSA),
        "LANGUAGE": language,
        "MEMBER_ID": pair.first.member_id,
        "NAME": name,
        "NETWORK_ID": pair.first.network_id,
    }
    done = pair.first.service.run(["bash", "-c", _AWS_CLI], variables)
    assert done.returncode == 0, told(done)


def by_hansa(pair: Pair, name: str, language: str, folder: Path, *options: str) -> None:
    chosen = ("--network", pair.first.network_id, "--channel", CHANNEL, "--name", name)
    as_member = ("--member", pair.first.member_id, "--language", language)
    pair.first.service.hansa("chaincode", "deploy", str(folder), *chosen, *as_member, *options)
