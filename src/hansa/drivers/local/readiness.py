"""Asks a process whether it is ready to serve."""

from __future__ import annotations

import ssl
import threading

import httpx2

from hansa.domain.workload import Probe

_LIMITS = httpx2.Limits(max_keepalive_connections=100, keepalive_expiry=5)


class Prober:
    """HTTP clients for probes: one for plain HTTP, one for each root of trust. Thread-safe."""

    def __init__(self) -> None:
        self._clients: dict[tuple[bool, bytes], httpx2.Client] = {}
        self._lock = threading.Lock()

    def _client(self, probe: Probe) -> httpx2.Client:
        secure = probe.url.startswith("https:")
        with self._lock:
            client = self._clients.get((secure, probe.ca_pem))
            if client is None:
                context: ssl.SSLContext | bool = False
                if secure:
                    context = ssl.create_default_context(cadata=probe.ca_pem.decode() or None)
                # No proxy of the environment: workloads are on this machine.
                client = httpx2.Client(verify=context, trust_env=False, limits=_LIMITS)
                self._clients[secure, probe.ca_pem] = client
            return client

    def ask(self, probe: Probe, timeout_seconds: float) -> str:
        """Empty if the probe succeeds, else what is wrong, for a person."""
        try:
            client = self._client(probe)
            answer = client.get(probe.url, timeout=max(0.01, timeout_seconds))
        except httpx2.TimeoutException:
            return f"it does not answer in time at {probe.url}"
        except (httpx2.HTTPError, ssl.SSLError, OSError) as fault:
            return f"it does not answer yet at {probe.url}: {fault}"
        if answer.status_code != 200:
            return f"it answers {answer.status_code} at {probe.url}"
        if probe.contains not in answer.text:
            return f"its answer at {probe.url} does not hold {probe.contains!r} yet"
        return ""

    def close(self) -> None:
        with self._lock:
            clients, self._clients = self._clients, {}
        for client in clients.values():
            client.close()
