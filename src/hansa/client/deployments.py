"""Deploying a package: uploaded, and then put in force step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hansa.client.operations import Watch
from hansa.client.progress import Progress
from hansa.fabric.packages import Package


def upload(fabric: Any, progress: Progress, package: Package) -> None:
    """Raises the API's errors."""
    with progress("Uploaded") as step:
        fabric.package_chaincode(Package=package.content)
        step.detail = package.package_id


@dataclass(frozen=True)
class Deployment:
    """Where a package is to go. ``keys`` are NetworkId and MemberId, ``definition`` the API's.

    It is done by those who may at once, or not at all: nobody votes on it.
    """

    fabric: Any
    progress: Progress
    keys: Mapping[str, str]
    channel: str
    definition: Mapping[str, Any]

    def put(self, package: Package) -> dict[str, Any]:
        """The operation, once it has succeeded. Raises ``ClientError`` and the API's errors."""
        upload(self.fabric, self.progress, package)
        answer = self.fabric.deploy_chaincode(
            **self.keys,
            ChannelName=self.channel,
            Definition=self.definition,
            PackageId=package.package_id,
            Propose=False,
        )
        return Watch(self.fabric, self.progress).follow(answer["OperationId"])
