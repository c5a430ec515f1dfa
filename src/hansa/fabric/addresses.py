"""Addresses inside the installation: what its own parts bind to and reach each other by."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from hansa.domain.workload import Place

LOOPBACK = "127.0.0.1"


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def operations_address(place: Place, port: int) -> str:
    """Where a workload serves metrics, health and log levels.

    That listener asks for no credentials, so it is opened beyond loopback only where the
    installation's other workloads are not on this machine.
    """
    host = LOOPBACK if is_loopback(place.internal_host) else place.listen_host
    return f"{host}:{port}"


def server_hosts(public: str, place: Place) -> tuple[str, ...]:
    """The names of a TLS server certificate: AMB's, this machine's, and the internal one."""
    return tuple(dict.fromkeys((public, "localhost", LOOPBACK, place.internal_host)))


def direct(environment: Mapping[str, str], zone: str) -> dict[str, str]:
    """``environment`` such that its proxy, if any, is not asked for names below ``zone``.

    Fabric's programs honour ``HTTPS_PROXY`` for every connection, those among themselves too.
    """
    own = ("localhost", LOOPBACK, f".{zone}")
    result = dict(environment)
    if {"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} & set(environment):
        given = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
        names = [*(name.strip() for name in given.split(",") if name.strip()), *own]
        result["NO_PROXY"] = result["no_proxy"] = ",".join(dict.fromkeys(names))
    return result
