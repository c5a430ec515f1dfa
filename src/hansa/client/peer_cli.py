"""Fabric's own tools, run as a user runs them: ``configtxgen`` and ``peer``."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hansa.client.environment import MemberFacts
from hansa.client.installation import ClientError

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_PREFIX = re.compile(r"^\d{4}-\d\d-\d\d \S+ UTC .*? -> ")
SECONDS_MAX = 300
# What an orderer answers that was just started, until the channel's consenters have elected a
# leader; it has ordered nothing then, so that the same command can be given again.
NO_LEADER = "no Raft leader"
LEADER_SECONDS_MAX = 30.0
LEADER_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Chaincode:
    """What is deployed: sources at ``path`` (a folder, or a Go import path), in ``language``.

    ``needs_init`` is Fabric's ``--init-required``.
    """

    name: str
    version: str
    path: str
    language: str
    needs_init: bool = False

    @property
    def label(self) -> str:
        return f"{self.name}_{self.version}"


@dataclass(frozen=True)
class PeerCli:
    """The tools of one member. ``environment``: see :mod:`hansa.client.environment`.

    ``directory`` holds what they write: channel transactions, blocks, packages.
    """

    member: MemberFacts
    environment: Mapping[str, str]
    directory: Path
    chain: Path

    def run(self, *command: str) -> str:
        """The standard output of ``command``. Raises :class:`ClientError` with its reason.

        A command that comes before the ordering service has a leader is given again for a while.
        """
        done, deadline = self._attempt(command), time.monotonic() + LEADER_SECONDS_MAX
        while done.returncode != 0 and NO_LEADER in done.stderr and time.monotonic() < deadline:
            time.sleep(LEADER_PAUSE_SECONDS)
            done = self._attempt(command)
        if done.returncode != 0:
            raise ClientError(
                f"`{' '.join(command[:4])}` failed: {reason(done.stderr)} "
                f"The peer's side of it is in `hansa logs {self.member.node_id}`."
            )
        return done.stdout

    def _attempt(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command,
                env=dict(self.environment),
                cwd=self.directory,
                capture_output=True,
                text=True,
                timeout=SECONDS_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ClientError(
                f"`{' '.join(command[:4])}` did not end within {SECONDS_MAX} s. See `hansa status`."
            ) from None

    @property
    def _orderer(self) -> tuple[str, ...]:
        return ("-o", self.member.orderer, "--tls", "--cafile", str(self.chain))

    def channels(self) -> list[str]:
        """The channels that the peer has joined."""
        lines = self.run("peer", "channel", "list").splitlines()
        return [line.strip() for line in lines if line.strip() and not line.endswith(":")]

    def create_channel(self, name: str, configtx: str, profile: str) -> None:
        """Create ``name`` from the text of a configtx.yaml, unless it exists, and join it."""
        (self.directory / "configtx.yaml").write_text(configtx)
        block = f"{name}.block"
        try:
            self.run("peer", "channel", "fetch", "oldest", block, "-c", name, *self._orderer)
        except ClientError:  # it does not exist yet; if it is something else, create tells
            transaction = f"{name}.pb"
            self.run(
                *("configtxgen", "-profile", profile, "-channelID", name),
                *("-outputCreateChannelTx", transaction, "-configPath", str(self.directory)),
            )
            create = ("peer", "channel", "create", "-c", name, "-f", transaction)
            self.run(*create, "--outputBlock", block, *self._orderer)
        self.run("peer", "channel", "join", "-b", block)

    def committed(self, channel: str, chaincode: str) -> str | None:
        """The version of ``chaincode`` committed on ``channel``; None where there is none."""
        listed = self.run(
            *("peer", "lifecycle", "chaincode", "querycommitted"),
            *("-C", channel, "--output", "json"),
        )
        found = json.loads(listed).get("chaincode_definitions") or []
        return next((item["version"] for item in found if item["name"] == chaincode), None)

    def install(self, chaincode: Chaincode) -> str:
        """Package and install it, unless it is installed; the package's id."""
        package = str(self.directory / f"{chaincode.label}.tar.gz")
        lifecycle = ("peer", "lifecycle", "chaincode")
        self.run(
            *(*lifecycle, "package", package, "--path", chaincode.path),
            *("--lang", chaincode.language, "--label", chaincode.label),
        )
        package_id = self.run(*lifecycle, "calculatepackageid", package).strip()
        listed = json.loads(self.run(*lifecycle, "queryinstalled", "--output", "json"))
        installed = listed.get("installed_chaincodes") or []
        if package_id not in [item["package_id"] for item in installed]:
            self.run(*lifecycle, "install", package)
        return package_id

    def commit(self, channel: str, chaincode: Chaincode, package_id: str) -> None:
        """Approve the definition for the member and commit it, as its first sequence."""
        definition = (
            *("-C", channel, "--name", chaincode.name, "--version", chaincode.version),
            *("--sequence", "1", *self._orderer),
            *(("--init-required",) if chaincode.needs_init else ()),
        )
        lifecycle = ("peer", "lifecycle", "chaincode")
        self.run(*lifecycle, "approveformyorg", "--package-id", package_id, *definition)
        self.run(*lifecycle, "commit", *definition)

    def invoke(
        self, channel: str, chaincode: str, arguments: Sequence[str], *, init: bool = False
    ) -> None:
        """Submit a transaction and wait until the peer has committed it."""
        self.run(
            *("peer", "chaincode", "invoke", "-C", channel, "-n", chaincode, *self._orderer),
            *("-c", json.dumps({"Args": list(arguments)}), "--waitForEvent"),
            *(("--isInit",) if init else ()),
        )

    def query(self, channel: str, chaincode: str, arguments: Sequence[str]) -> Any:
        """What the chaincode answers, from JSON where it is JSON."""
        answer = self.run(
            *("peer", "chaincode", "query", "-C", channel, "-n", chaincode),
            *("-c", json.dumps({"Args": list(arguments)})),
        ).strip()
        try:
            return json.loads(answer)
        except ValueError:
            return answer


def reason(stderr: str) -> str:
    """The line of a tool's output that says why it failed, without log prefix and colours."""
    lines = [line.strip() for line in _COLOURS.sub("", stderr).splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith("Error")]
    chosen = (telling or lines or ["it gave no reason."])[-1]
    chosen = _PREFIX.sub("", chosen).removeprefix("Error: ")
    return chosen if chosen.endswith(".") else f"{chosen}."
