"""Both servers in turn, round by round: what disturbs the machine then disturbs both."""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bench.fixtures import REGION, Call, Calls, client
from bench.servers import Server

Clock = Callable[[], float]
Sender = Callable[[Sequence[Call]], list[float]]
"""Sends requests one after the other; the seconds that each took."""


@dataclass(frozen=True)
class Sample:
    """One server's calls of one kind in all rounds. Latencies are in milliseconds."""

    p50_ms: float
    p99_ms: float
    requests_per_second: float


@dataclass(frozen=True)
class Comparison:
    """``ratios``: requests per second of ours to theirs, one of each round."""

    operation: str
    client: str
    ours: Sample
    theirs: Sample
    ratios: list[float] = field(default_factory=list)

    @property
    def median_ratio(self) -> float:
        return statistics.median(self.ratios)

    def values(self) -> dict[str, Any]:
        return {**asdict(self), "median_ratio": self.median_ratio}


def compare(
    ours: tuple[Server, Calls],
    theirs: tuple[Server, Calls],
    rounds: int,
    calls: int,
    tell: Callable[[str], None],
) -> list[Comparison]:
    """``calls`` requests of each kind, to the one and to the other, ``rounds`` times."""
    found = []
    for name, make_sender in (("boto3", boto3_sender), ("HTTP", http_sender)):
        senders = make_sender(ours[0]), make_sender(theirs[0])
        for operation in ours[1]:
            tell(f"{operation} by {name}")
            requests = ours[1][operation], theirs[1][operation]
            times = _in_turn(senders, requests, rounds, calls)
            ratios = [round(sum(b) / sum(a), 3) for a, b in zip(*times, strict=True)]
            found.append(Comparison(operation, name, _sample(times[0]), _sample(times[1]), ratios))
    return found


def _in_turn(
    senders: tuple[Sender, Sender],
    requests: tuple[Callable[[], Call], Callable[[], Call]],
    rounds: int,
    calls: int,
) -> tuple[list[list[float]], list[list[float]]]:
    """The seconds of each call, by server and round."""
    times: tuple[list[list[float]], list[list[float]]] = ([], [])
    for send, request in zip(senders, requests, strict=True):
        send([request() for _ in range(10)])  # neither is measured cold
    for _ in range(rounds):
        for send, request, kept in zip(senders, requests, times, strict=True):
            kept.append(send([request() for _ in range(calls)]))
    return times


def _sample(rounds: list[list[float]]) -> Sample:
    seconds = [second for part in rounds for second in part]
    cuts = statistics.quantiles(seconds, n=100)
    return Sample(
        p50_ms=round(cuts[49] * 1000, 3),
        p99_ms=round(cuts[98] * 1000, 3),
        requests_per_second=round(len(seconds) / sum(seconds), 1),
    )


def boto3_sender(server: Server, clock: Clock = time.perf_counter) -> Sender:
    """boto3 as programs use it: its own work is in the time."""
    api = client(server)

    def send(calls: Sequence[Call]) -> list[float]:
        times = []
        for call in calls:
            began = clock()
            call.send(api)
            times.append(clock() - began)
        return times

    return send


def http_sender(server: Server, clock: Clock = time.perf_counter) -> Sender:
    """Requests that are signed beforehand, over a connection that is kept if the server does."""
    address = urlsplit(server.url).netloc
    signer = SigV4Auth(
        Credentials(server.access_key_id, server.secret_access_key), "managedblockchain", REGION
    )
    connection = http.client.HTTPConnection(address, timeout=30)

    def signed(call: Call) -> tuple[Call, dict[str, str]]:
        headers = {"Host": address, "Content-Type": "application/json"}
        request = AWSRequest(call.method, server.url + call.path, data=call.body, headers=headers)
        signer.add_auth(request)
        return call, dict(request.headers.items())

    def send(calls: Sequence[Call]) -> list[float]:
        times = []
        for call, headers in [signed(call) for call in calls]:
            began = clock()
            connection.request(call.method, call.path, call.body, headers)
            response = connection.getresponse()
            body = response.read()
            times.append(clock() - began)
            if response.status != 200:
                raise RuntimeError(f"{server.name}: {call.operation}: {body.decode()[:300]}")
        return times

    return send
