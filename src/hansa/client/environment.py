"""The shell variables that make the AMB guide's commands run as printed. Pure.

Names and meanings: AMB guide 2019, steps 4 to 7 (``MSP``, ``MSP_PATH``, ``ORDERER``, ``PEER``), and
Fabric's own (``CORE_PEER_…``, ``FABRIC_CFG_PATH``).
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class MemberFacts:
    """What the tools have to know of a member. Endpoints are ``HOST:PORT``.

    ``peer`` is empty while the member has no AVAILABLE node.
    """

    network_id: str
    member_id: str
    orderer: str
    ca: str
    peer: str = ""
    node_id: str = ""


@dataclass(frozen=True)
class Tools:
    """Where the tools are: ``shims`` comes before ``binaries`` on the PATH.

    ``configuration`` holds the peer CLI's ``core.yaml``; ``gopath`` the Go packages that Fabric 1.x
    chaincode imports; ``go`` is the folder of the Go command, where it is not on the PATH.
    """

    shims: Path
    binaries: Path
    configuration: Path
    gopath: Path | None = None
    go: Path | None = None


def fabric_environment(
    member: MemberFacts, tools: Tools, home: Path, chain: Path, inherited: Mapping[str, str]
) -> dict[str, str]:
    """The variables to export; ``home`` holds ``admin-msp``, ``chain`` is the TLS chain's file.

    ``inherited`` is the environment they add to: PATH and GOPATH are put before its own.
    """
    msp = str(home / "admin-msp")
    chosen = {
        "HANSA_CLIENT_HOME": str(home),
        "NETWORK_ID": member.network_id,
        "MEMBER_ID": member.member_id,
        "NODE_ID": member.node_id,
        "MSP": member.member_id,
        "MSP_PATH": msp,
        "ORDERER": member.orderer,
        "PEER": member.peer,
        "CA": member.ca,
        "CAENDPOINT": member.ca,
        "TLS_CHAIN": str(chain),
        "FABRIC_CFG_PATH": str(tools.configuration),
        "FABRIC_CA_CLIENT_HOME": str(home),
        "FABRIC_CA_CLIENT_TLS_CERTFILES": str(chain),
        "CORE_PEER_TLS_ENABLED": "true",
        "CORE_PEER_TLS_ROOTCERT_FILE": str(chain),
        "CORE_PEER_ADDRESS": member.peer,
        "CORE_PEER_LOCALMSPID": member.member_id,
        "CORE_PEER_MSPCONFIGPATH": msp,
        "PATH": _path([tools.shims, tools.binaries, tools.go], inherited.get("PATH", "")),
    }
    if tools.gopath is not None:
        # The peer CLI lists a chaincode's imports with `go list`; Fabric 1.x paths have no module.
        own = inherited.get("GOPATH", "") or str(Path(inherited.get("HOME", "/")) / "go")
        chosen["GOPATH"] = _path([tools.gopath], own, last=True)
        chosen["GO111MODULE"] = "off"
    return {name: value for name, value in chosen.items() if value}


def _path(first: list[Path | None], rest: str, *, last: bool = False) -> str:
    """A PATH-like list without repetitions, ``first`` before ``rest`` (or after, if ``last``)."""
    added = [str(part) for part in first if part is not None]
    others = [part for part in rest.split(":") if part and part not in added]
    return ":".join([*others, *added] if last else [*added, *others])


def shell_exports(variables: Mapping[str, str]) -> str:
    """Lines for ``eval`` in a POSIX shell."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
