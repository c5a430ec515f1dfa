"""A client of Fabric's Gateway service, as small as measuring and testing can do with."""

from __future__ import annotations

import hashlib
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from fabric_protos.common import common_pb2
from fabric_protos.gateway import gateway_pb2, gateway_pb2_grpc
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2, proposal_response_pb2, transaction_pb2

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256; Fabric wants the smaller of the two signatures."""


class NotCommittedError(Exception):
    """The transaction is in a block and does not count."""


@dataclass(frozen=True)
class Identity:
    """A member's user: certificate and key of an MSP directory."""

    msp_id: str
    certificate: bytes
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def read(cls, msp_id: str, msp: Path) -> Identity:
        (keyfile,) = (msp / "keystore").iterdir()
        key = serialization.load_pem_private_key(keyfile.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        (certificate,) = (msp / "signcerts").iterdir()
        return cls(msp_id, certificate.read_bytes(), key)

    @property
    def creator(self) -> bytes:
        identity = identities_pb2.SerializedIdentity(mspid=self.msp_id, id_bytes=self.certificate)
        return bytes(identity.SerializeToString())

    def sign(self, content: bytes) -> bytes:
        r, s = decode_dss_signature(self.key.sign(content, ec.ECDSA(hashes.SHA256())))
        return encode_dss_signature(r, min(s, ORDER - s))


class Gateway:
    """Evaluates and submits transactions of one identity, many at a time."""

    def __init__(self, address: str, root: bytes, identity: Identity) -> None:
        credentials = grpc.ssl_channel_credentials(root)
        options = [
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
            ("grpc.enable_http_proxy", 0),
        ]
        self.channel = grpc.aio.secure_channel(address, credentials, options=options)
        self._stub = gateway_pb2_grpc.GatewayStub(self.channel)
        self._identity = identity

    async def evaluate(
        self, channel: str, name: str, *args: str, transient: dict[str, bytes] | None = None
    ) -> bytes:
        tx_id, proposal = self._propose(channel, name, args, transient)
        request = gateway_pb2.EvaluateRequest(
            transaction_id=tx_id, channel_id=channel, proposed_transaction=proposal
        )
        answer = await self._stub.Evaluate(request, timeout=60)
        return bytes(answer.result.payload)

    async def submit(
        self,
        channel: str,
        name: str,
        *args: str,
        transient: dict[str, bytes] | None = None,
        endorsers: tuple[str, ...] = (),
    ) -> bytes:
        """The result. Raises :class:`NotCommittedError` with the validation code."""
        tx_id, proposal = self._propose(channel, name, args, transient)
        endorsed = await self._stub.Endorse(
            gateway_pb2.EndorseRequest(
                transaction_id=tx_id,
                channel_id=channel,
                proposed_transaction=proposal,
                endorsing_organizations=endorsers,
            ),
            timeout=60,
        )
        envelope = endorsed.prepared_transaction
        envelope.signature = self._identity.sign(envelope.payload)
        await self._stub.Submit(
            gateway_pb2.SubmitRequest(
                transaction_id=tx_id, channel_id=channel, prepared_transaction=envelope
            ),
            timeout=60,
        )
        await self._committed(channel, tx_id)
        return _result(envelope)

    async def events(self, channel: str, name: str, first_block: int) -> Any:
        """Events of a chaincode from a block on, one after the other, without end."""
        request = gateway_pb2.ChaincodeEventsRequest(
            channel_id=channel, chaincode_id=name, identity=self._identity.creator
        )
        request.start_position.specified.number = first_block
        content = request.SerializeToString()
        signed = gateway_pb2.SignedChaincodeEventsRequest(
            request=content, signature=self._identity.sign(content)
        )
        async for response in self._stub.ChaincodeEvents(signed):
            for event in response.events:
                yield event

    async def _committed(self, channel: str, tx_id: str) -> None:
        content = gateway_pb2.CommitStatusRequest(
            transaction_id=tx_id, channel_id=channel, identity=self._identity.creator
        ).SerializeToString()
        signed = gateway_pb2.SignedCommitStatusRequest(
            request=content, signature=self._identity.sign(content)
        )
        status = await self._stub.CommitStatus(signed, timeout=60)
        if status.result:
            raise NotCommittedError(transaction_pb2.TxValidationCode.Name(status.result))

    def _propose(
        self, channel: str, name: str, args: tuple[str, ...], transient: dict[str, bytes] | None
    ) -> tuple[str, Any]:
        nonce, creator = os.urandom(24), self._identity.creator
        tx_id = hashlib.sha256(nonce + creator).hexdigest()
        chaincode = chaincode_pb2.ChaincodeID(name=name)
        extension = proposal_pb2.ChaincodeHeaderExtension(chaincode_id=chaincode)
        head = common_pb2.ChannelHeader(
            type=common_pb2.ENDORSER_TRANSACTION,
            channel_id=channel,
            tx_id=tx_id,
            extension=extension.SerializeToString(),
        )
        head.timestamp.seconds, head.timestamp.nanos = divmod(time.time_ns(), 10**9)
        header = common_pb2.Header(
            channel_header=head.SerializeToString(),
            signature_header=common_pb2.SignatureHeader(
                creator=creator, nonce=nonce
            ).SerializeToString(),
        )
        given = chaincode_pb2.ChaincodeInput(args=[argument.encode() for argument in args])
        spec = chaincode_pb2.ChaincodeInvocationSpec(
            chaincode_spec=chaincode_pb2.ChaincodeSpec(chaincode_id=chaincode, input=given)
        )
        payload = proposal_pb2.ChaincodeProposalPayload(
            input=spec.SerializeToString(), TransientMap=transient or {}
        )
        content = proposal_pb2.Proposal(
            header=header.SerializeToString(), payload=payload.SerializeToString()
        ).SerializeToString()
        signature = self._identity.sign(content)
        return tx_id, proposal_pb2.SignedProposal(proposal_bytes=content, signature=signature)


def _result(envelope: Any) -> bytes:
    payload = common_pb2.Payload.FromString(envelope.payload)
    transaction = transaction_pb2.Transaction.FromString(payload.data)
    action = transaction_pb2.ChaincodeActionPayload.FromString(transaction.actions[0].payload)
    response = proposal_response_pb2.ProposalResponsePayload.FromString(
        action.action.proposal_response_payload
    )
    return bytes(proposal_pb2.ChaincodeAction.FromString(response.extension).response.payload)
