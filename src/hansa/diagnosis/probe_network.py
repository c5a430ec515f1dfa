"""How far one gets on the way to the service: each hop is tried as AWS's tools would go it."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from json import loads
from typing import Any
from urllib.parse import SplitResult, urlsplit

import botocore.exceptions as faults
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.session import Session
from botocore.utils import get_environ_proxies

from hansa.diagnosis.facts import Hop
from hansa.diagnosis.secrets_of import plain_url

SECONDS_MAX = 5
"""How long one hop may take."""

_PORTS = {"http": 80, "https": 443}
_SERVICE = "managedblockchain"


@dataclass(frozen=True)
class Addressed:
    """Where a service's calls go, and which setting says so."""

    url: str
    setting: str
    fault: str = ""

    @property
    def is_aws(self) -> bool:
        host = urlsplit(self.url).hostname or ""
        return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))


@dataclass(frozen=True)
class Way:
    """What was met on the way: the hops, and what the service said of itself at the end."""

    hops: tuple[Hop, ...]
    skew_seconds: float | None = None
    region: str = ""

    @property
    def is_open(self) -> bool:
        return bool(self.hops) and not any(hop.fault for hop in self.hops)


@dataclass(frozen=True)
class Detour:
    """The proxy that a URL is reached through, and the certificates it is verified with."""

    proxies: dict[str, str]
    proxy_variable: str
    ca_bundle: str
    ca_bundle_variable: str

    @property
    def proxy(self) -> str:
        return next(iter(self.proxies.values()), "")


def region_of(session: Session) -> str:
    """The region that botocore signs for; empty where none is set, or the profile is missing."""
    try:
        return str(session.get_config_variable("region") or "")
    except faults.BotoCoreError:
        return str(os.environ.get("AWS_DEFAULT_REGION", ""))


def addressed(service: str = _SERVICE) -> Addressed:
    """Where botocore sends calls to a service in this environment."""
    name = f"AWS_ENDPOINT_URL_{service.upper()}"
    setting = next((each for each in (name, "AWS_ENDPOINT_URL") if os.environ.get(each)), "")
    session = Session()
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        setting = "ignored"
    try:
        # Keys of nobody, so that no credentials are looked for here.
        client: Any = session.create_client(
            service,
            region_name=region_of(session) or "us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",  # noqa: S106 - nobody's
        )
    except ValueError:
        return Addressed(plain_url(os.environ.get(setting, "")), setting, "malformed")
    except faults.BotoCoreError:
        url = os.environ.get(setting, "") or f"https://{service}.amazonaws.com"
        return Addressed(plain_url(url), setting)
    return Addressed(plain_url(client.meta.endpoint_url), setting or "the profile")


def detour_of(url: str) -> Detour:
    """What of the environment stands between here and a URL."""
    scheme = urlsplit(url).scheme
    proxy = get_environ_proxies(url).get(scheme, "")
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    variable = next((name for name in names if os.environ.get(name)), "the system's settings")
    bundle = next((n for n in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE") if os.environ.get(n)), "")
    return Detour(
        {scheme: proxy} if proxy else {},
        variable if proxy else "",
        os.environ.get(bundle, ""),
        bundle,
    )


def probe_way(url: str, detour: Detour, now: datetime) -> Way:
    """Go the way to ``url`` until a hop fails."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        return Way((Hop("endpoint", f"{url!r} has no scheme or no host", "malformed"),))
    hops: list[Hop] = []
    steps = _through(detour) if detour.proxy else _straight(parts, detour)
    for hop in steps:
        hops.append(hop)
        if hop.fault:
            return Way(tuple(hops))
    return _ask(url, detour, hops, now)


def _straight(parts: SplitResult, detour: Detour) -> Iterator[Hop]:
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    yield resolved(host, port)
    yield reached(host, port)
    if parts.scheme == "https":
        yield _trusted(host, port, detour)


def _through(detour: Detour) -> Iterator[Hop]:
    parts = urlsplit(detour.proxy if "://" in detour.proxy else f"http://{detour.proxy}")
    host, port = parts.hostname or "", parts.port or 80
    for hop in (resolved, reached):
        met = hop(host, port)
        yield Hop(f"proxy, {met.name}", met.seen, "proxy" if met.fault else "")
        if met.fault:
            return


def resolved(host: str, port: int) -> Hop:
    """Whether a name resolves, and to what."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as fault:
        return Hop("name", f"{host}: {fault}", "unresolved")
    addresses = dict.fromkeys(str(each[4][0]) for each in found)
    return Hop("name", f"{host} is {', '.join(addresses)}")


def reached(host: str, port: int) -> Hop:
    """Whether something listens there."""
    try:
        with socket.create_connection((host, port), SECONDS_MAX):
            return Hop("port", f"{port} of {host} is open")
    except ConnectionRefusedError:
        return Hop("port", f"{host} refuses connections to port {port}", "refused")
    except OSError as fault:
        why = "no answer in time" if isinstance(fault, TimeoutError) else fault.strerror
        return Hop("port", f"port {port} of {host}: {why}", "no route")


def _trusted(host: str, port: int, detour: Detour) -> Hop:
    try:
        context = ssl.create_default_context(cafile=detour.ca_bundle or None)
    except (OSError, ssl.SSLError) as fault:
        return Hop("TLS", fault.strerror or str(fault), "ca bundle")
    return handshake(host, port, context)


def handshake(host: str, port: int, context: ssl.SSLContext) -> Hop:
    """Whether TLS is spoken there, with a certificate that ``context`` trusts."""
    try:
        with (
            socket.create_connection((host, port), SECONDS_MAX) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            return Hop("TLS", f"{host} has a certificate that is trusted, {secured.version()}")
    except ssl.SSLCertVerificationError as fault:
        return Hop("TLS", fault.verify_message, "untrusted")
    except ssl.SSLError as fault:
        return Hop("TLS", f"{host}:{port} answers without TLS ({fault.reason})", "not tls")
    except TimeoutError:
        return Hop("TLS", f"{host}:{port} does not answer in time", "silent")
    except OSError as fault:
        return Hop("TLS", f"{host}:{port} closes the connection ({fault.strerror})", "not tls")


def _ask(url: str, detour: Detour, hops: list[Hop], now: datetime) -> Way:
    """Ask the service how it is, as AWS's tools would ask it something."""
    http = URLLib3Session(
        verify=detour.ca_bundle or True,
        proxies=detour.proxies,
        timeout=(SECONDS_MAX, SECONDS_MAX),
    )
    request = AWSRequest("GET", f"{url.rstrip('/')}/healthz").prepare()
    try:
        answer = http.send(request)
    except faults.SSLError:
        return Way((*hops, Hop("TLS", "the certificate is not trusted", "untrusted")))
    except (faults.HTTPClientError, faults.ConnectionError) as fault:
        return Way((*hops, _unanswered(url, detour, fault)))
    finally:
        http.close()
    told = _health(answer.content)
    if told is None:
        seen = f"it answers {answer.status_code} to a question that Hansa answers"
        return Way((*hops, Hop("service", seen, "proxy" if detour.proxy else "other")))
    date = answer.headers.get("Date")
    skew = (now - parsedate_to_datetime(date)).total_seconds() if date else None
    seen = f"Hansa {told.get('version', '')} answers at {url}"
    hops.append(
        Hop("service", f"{seen} through {plain_url(detour.proxy)}" if detour.proxy else seen)
    )
    return Way(tuple(hops), skew, str(told.get("region", "")))


def _unanswered(url: str, detour: Detour, fault: Exception) -> Hop:
    if detour.proxy:
        return Hop("proxy", f"it does not pass the call on ({type(fault).__name__})", "proxy")
    parts = urlsplit(url)
    if parts.scheme == "http" and isinstance(fault, faults.ConnectionClosedError):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if not handshake(parts.hostname or "", parts.port or 80, context).fault:
            return Hop("service", "the connection is closed, and TLS is answered", "tls needed")
    return Hop("service", f"it does not answer ({type(fault).__name__})", "other")


def _health(content: bytes) -> dict[str, Any] | None:
    try:
        told = loads(content)
    except ValueError:
        return None
    return told if isinstance(told, dict) and told.get("status") == "OK" else None


def utc_now() -> datetime:
    return datetime.now(UTC)
