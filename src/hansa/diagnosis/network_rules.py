"""From facts about the way to the service to findings. Pure."""

from __future__ import annotations

from collections.abc import Callable
from shlex import quote
from urllib.parse import urlsplit

from hansa.diagnosis.facts import Endpoint, FabricEndpoint, Hop
from hansa.diagnosis.findings import Cause, Family, Finding, Grade


def network_findings(endpoint: Endpoint) -> list[Finding]:
    """Which step of the way fails, or that none does."""
    if endpoint.is_aws:
        return [_missing(endpoint)]
    found = [_hop(endpoint, hop) for hop in endpoint.hops]
    if endpoint.sts_is_aws:
        found.append(_partial(endpoint))
    return found


def fabric_findings(endpoints: tuple[FabricEndpoint, ...]) -> list[Finding]:
    """Which of the endpoints of the caller's networks cannot be reached."""
    broken = [each for each in endpoints if each.fault]
    found = [_fabric(each) for each in broken]
    whole = len(endpoints) - len(broken)
    if whole:
        seen = ", ".join(each.address for each in endpoints if not each.fault)
        told = f"{whole} {'endpoint answers' if whole == 1 else 'endpoints answer'} with TLS"
        found.append(_ok(f"{told}: orderers, certificate authorities and peers", seen))
    return found


def _ok(what: str, evidence: str = "") -> Finding:
    return Finding(Family.NETWORK, Cause.NONE, Grade.OK, what, evidence)


def _bad(cause: Cause, what: str, evidence: str, command: str, advice: str = "") -> Finding:
    return Finding(Family.NETWORK, cause, Grade.BAD, what, evidence, command, advice)


def _hop(endpoint: Endpoint, hop: Hop) -> Finding:
    rule = _RULES.get(hop.fault)
    return _ok(f"{hop.name}: {hop.seen}") if rule is None else rule(endpoint, hop)


def _set(endpoint: Endpoint) -> tuple[str, str]:
    """The command that makes the endpoint this installation's, and what else to know."""
    if endpoint.local_url:
        return f'eval "$({endpoint.env})"', ""
    return (
        "export AWS_ENDPOINT_URL=http://HOST:8590",
        "Put in the service's host; on its own machine: hansa up",
    )


def _missing(endpoint: Endpoint) -> Finding:
    command, advice = _set(endpoint)
    seen = f"calls go to {endpoint.url}, which is AWS's own"
    if endpoint.setting == "ignored":
        seen += ": AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true"
    return _bad(
        Cause.ENDPOINT_MISSING, "no endpoint is set: calls go to AWS", seen, command, advice
    )


def _partial(endpoint: Endpoint) -> Finding:
    return Finding(
        Family.NETWORK,
        Cause.ENDPOINT_PARTIAL,
        Grade.BAD,
        "calls to STS go to AWS, since only managedblockchain's endpoint is set",
        f"managedblockchain: {endpoint.url} (by {endpoint.setting}); sts: {endpoint.sts_url}",
        f"export AWS_ENDPOINT_URL={quote(endpoint.url)}",
        "Roles are assumed at STS, which the same service answers.",
    )


def _malformed(endpoint: Endpoint, hop: Hop) -> Finding:
    command, advice = _set(endpoint)
    return _bad(
        Cause.ENDPOINT_MALFORMED,
        f"the endpoint {endpoint.url} is no URL",
        f"{hop.seen}; set by {endpoint.setting or 'the configuration'}",
        command,
        advice or "It has to be like http://127.0.0.1:8590",
    )


def _unresolved(endpoint: Endpoint, hop: Hop) -> Finding:
    command, advice = _set(endpoint)
    return _bad(
        Cause.NAME_UNRESOLVED,
        f"the name {urlsplit(endpoint.url).hostname} does not resolve",
        f"{hop.seen}; the endpoint is set by {endpoint.setting or 'the configuration'}",
        command,
        advice and f"{advice}. If the name is right, give it to DNS or /etc/hosts.",
    )


def _refused(endpoint: Endpoint, hop: Hop) -> Finding:
    if endpoint.local_url and not endpoint.local_runs:
        up = endpoint.env.replace("hansa env", "hansa up", 1)
        return _bad(
            Cause.SERVICE_STOPPED,
            "the service of this machine's installation does not run",
            hop.seen,
            f'{up} && eval "$({endpoint.env})"',
        )
    command, advice = _set(endpoint)
    if endpoint.local_url:
        advice = f"The service of this machine listens at {endpoint.local_url}."
    return _bad(
        Cause.PORT_CLOSED,
        f"nothing listens at {endpoint.url}",
        f"{hop.seen}; the endpoint is set by {endpoint.setting or 'the configuration'}",
        command,
        advice,
    )


def _no_route(endpoint: Endpoint, hop: Hop) -> Finding:
    parts = urlsplit(endpoint.url)
    command, advice = _set(endpoint)
    where = f"port {parts.port or 443} of {parts.hostname}"
    return _bad(
        Cause.NO_ROUTE,
        f"{where} cannot be reached: a firewall, a security group or a missing route",
        hop.seen,
        command,
        advice or f"If the endpoint is right, let this machine reach {where}.",
    )


def _proxy(endpoint: Endpoint, hop: Hop) -> Finding:
    host = urlsplit(endpoint.url).hostname or ""
    return _bad(
        Cause.PROXY,
        f"the proxy {endpoint.proxy} does not let calls through",
        f"{hop.seen}; {endpoint.proxy_variable} sends them there, and NO_PROXY lacks {host}",
        f'export NO_PROXY="${{NO_PROXY:+$NO_PROXY,}}{host}"; export no_proxy="$NO_PROXY"',
    )


def _ca_bundle(endpoint: Endpoint, hop: Hop) -> Finding:
    return _bad(
        Cause.CA_BUNDLE,
        f"the certificates that {endpoint.ca_bundle_variable} names cannot be read",
        f"{endpoint.ca_bundle}: {hop.seen}",
        f"unset {endpoint.ca_bundle_variable}",
        "Or name a file of PEM certificates.",
    )


def _not_spoken(endpoint: Endpoint, hop: Hop) -> Finding:
    return _bad(
        Cause.TLS_NOT_SPOKEN,
        f"{endpoint.url} does not speak TLS",
        hop.seen,
        f"export AWS_ENDPOINT_URL={quote(endpoint.url.replace('https:', 'http:', 1))}",
    )


def _needed(endpoint: Endpoint, hop: Hop) -> Finding:
    return _bad(
        Cause.TLS_NEEDED,
        f"{endpoint.url} speaks TLS, and is asked without",
        hop.seen,
        f"export AWS_ENDPOINT_URL={quote(endpoint.url.replace('http:', 'https:', 1))}",
    )


def _untrusted(endpoint: Endpoint, hop: Hop) -> Finding:
    return _bad(
        Cause.TLS_UNTRUSTED,
        f"the certificate of {endpoint.url} is not trusted",
        hop.seen,
        "export AWS_CA_BUNDLE=FILE",
        "Put in the file with the certificate of the authority that issued it; where it has "
        "expired or is for another name, have it issued again.",
    )


def _other(endpoint: Endpoint, hop: Hop) -> Finding:
    command, advice = _set(endpoint)
    return _bad(
        Cause.OTHER_SERVICE,
        f"what answers at {endpoint.url} is not Hansa",
        f"{hop.seen}; the endpoint is set by {endpoint.setting or 'the configuration'}",
        command,
        advice,
    )


_RULES: dict[str, Callable[[Endpoint, Hop], Finding]] = {
    "malformed": _malformed,
    "unresolved": _unresolved,
    "refused": _refused,
    "no route": _no_route,
    "silent": _no_route,
    "proxy": _proxy,
    "ca bundle": _ca_bundle,
    "not tls": _not_spoken,
    "tls needed": _needed,
    "untrusted": _untrusted,
    "other": _other,
}
FAULTS = frozenset(_RULES)
"""The kinds of faults that a hop can have."""


def _fabric(each: FabricEndpoint) -> Finding:
    name = each.address.rpartition(":")[0]
    remedies = {
        "unresolved": ("hansa doctor", f"It says how {name} gets to resolve on this machine."),
        "untrusted": (
            "hansa tls-chain -o managedblockchain-tls-chain.pem",
            "Give clients that chain: the one they have is of another installation.",
        ),
    }
    down = (f"hansa logs {quote(each.owner)}", "Then, on the service's machine: hansa status")
    command, advice = remedies.get(each.fault, down)
    return _bad(
        Cause.FABRIC_UNREACHABLE,
        f"the {each.role} of {each.owner} cannot be reached at {each.address}",
        each.seen,
        command,
        advice,
    )
