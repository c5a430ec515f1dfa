"""What a Gateway refuses is told with the reasons of all that it asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fabric_protos.common.common_pb2 import Envelope
from fabric_protos.gateway.gateway_pb2 import (
    CommitStatusResponse,
    EndorseResponse,
    ErrorDetail,
    EvaluateResponse,
    SubmitResponse,
)
from fabric_protos.peer.proposal_response_pb2 import Response
from fabric_protos.peer.transaction_pb2 import TxValidationCode
from google.rpc.status_pb2 import Status

from hansa.fabric.base import FabricError
from hansa.fabric.rpc import gateway
from hansa.fabric.rpc.connections import UnreachableError
from hansa.fabric.rpc.gateway import GatewayClient, reasons_of
from hansa.fabric.rpc.identity import Identity
from hansa.fabric.rpc.proposals import Call
from hansa.fabric.rpc.signing import Signing
from hansa.fabric.transactions import MismatchError

CALL = Call("trade", "asset", (b"sell", b"a1"), {"price": b"7"})
NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Refusal(grpc.RpcError):
    def __init__(self, code: grpc.StatusCode, *details: ErrorDetail, raw: bytes = b"") -> None:
        super().__init__()
        status = Status(code=10, message="failed")
        for detail in details:
            status.details.add().Pack(detail)
        self._code = code
        self._trailer = raw or status.SerializeToString()

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return "failed to endorse"

    def trailing_metadata(self) -> Sequence[tuple[str, bytes]]:
        return (("content-type", b"application/grpc"), ("grpc-status-details-bin", self._trailer))


class Stub:
    """Answers what it is given, by method; an exception is raised."""

    answers: dict[str, Any]

    def __init__(self, _channel: Any) -> None:
        self.asked: dict[str, Any] = {}

    def __getattr__(self, method: str) -> Any:
        def call(request: Any, **_: Any) -> Any:
            self.asked[method] = request
            answer = type(self).answers[method]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


class NoConnections:
    def to(self, _address: str) -> None: ...


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> GatewayClient:
    monkeypatch.setattr(gateway, "GatewayStub", Stub)
    monkeypatch.setattr(gateway, "result_of", lambda _: b"done")
    identity = Identity("m-A", b"certificate", ec.generate_private_key(ec.SECP256R1()))
    signing = Signing(identity, bytes, lambda: NOW)
    Stub.answers = {
        "Evaluate": EvaluateResponse(result=Response(payload=b"found")),
        "Endorse": EndorseResponse(prepared_transaction=Envelope(payload=b"endorsed")),
        "Submit": SubmitResponse(),
        "CommitStatus": CommitStatusResponse(
            result=TxValidationCode.MVCC_READ_CONFLICT, block_number=9
        ),
    }
    return GatewayClient(NoConnections(), "127.0.0.1:7051", signing)  # type: ignore[arg-type]


def test_what_became_of_a_transaction_is_told(client: GatewayClient) -> None:
    outcome = client.submit(CALL, ["m-A"])
    assert (outcome.result, outcome.block_number) == (b"done", 9)
    assert outcome.code == "MVCC_READ_CONFLICT"
    assert len(outcome.transaction_id) == 64
    assert client.evaluate(replace(CALL, transient=None), []) == b"found"


def test_each_endorsers_reason_is_told_once(client: GatewayClient) -> None:
    details = [
        ErrorDetail(address="peer0:7051", msp_id="m-A", message="no such asset"),
        ErrorDetail(address="peer1:7051", msp_id="m-B", message="chaincode is not installed"),
    ]
    Stub.answers["Endorse"] = Refusal(grpc.StatusCode.ABORTED, *details, details[0])
    with pytest.raises(FabricError) as caught:
        client.submit(CALL, [])
    assert str(caught.value).endswith(
        "refused: failed to endorse: m-A (peer0:7051): no such asset; "
        "m-B (peer1:7051): chaincode is not installed"
    )
    assert not isinstance(caught.value, UnreachableError)


def test_results_that_differ_are_told_with_what_was_signed(client: GatewayClient) -> None:
    detail = ErrorDetail(
        address="peer1:7051", msp_id="m-B", message="ProposalResponsePayloads do not match"
    )
    Stub.answers["Endorse"] = Refusal(grpc.StatusCode.ABORTED, detail)
    with pytest.raises(MismatchError, match="m-B") as caught:
        client.submit(CALL, [])
    assert len(caught.value.signed.transaction_id) == 64


def test_a_transaction_of_unknown_fate_is_named(client: GatewayClient) -> None:
    for method in ("Submit", "CommitStatus"):
        Stub.answers[method] = Refusal(grpc.StatusCode.DEADLINE_EXCEEDED)
        with pytest.raises(UnreachableError, match=r"transaction [0-9a-f]{64} was endorsed and"):
            client.submit(CALL, [])


def test_a_trailer_that_cannot_be_read_gives_no_reasons() -> None:
    assert reasons_of(Refusal(grpc.StatusCode.ABORTED, raw=b"\xff\xff")) == []
    assert reasons_of(Refusal(grpc.StatusCode.ABORTED)) == []
