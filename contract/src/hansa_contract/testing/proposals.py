"""Signed proposals, as a client makes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from fabric_protos.common import common_pb2
from fabric_protos.peer import chaincode_pb2, proposal_pb2

from hansa_contract.proposal import Transaction, read_proposal
from hansa_contract.testing.identities import Identity


def propose(
    channel: str,
    chaincode: str,
    args: tuple[bytes, ...],
    identity: Identity,
    transient: Mapping[str, bytes],
    timestamp: datetime,
    nonce: bytes,
) -> Transaction:
    """The transaction as a chaincode gets it; the same input gives the same transaction id."""
    creator = identity.serialized
    tx_id = hashlib.sha256(nonce + creator).hexdigest()
    header = common_pb2.ChannelHeader(
        type=common_pb2.ENDORSER_TRANSACTION, channel_id=channel, tx_id=tx_id
    )
    header.timestamp.FromDatetime(timestamp)
    signature = common_pb2.SignatureHeader(creator=creator, nonce=nonce)
    spec = chaincode_pb2.ChaincodeSpec(
        chaincode_id=chaincode_pb2.ChaincodeID(name=chaincode),
        input=chaincode_pb2.ChaincodeInput(args=args),
    )
    payload = proposal_pb2.ChaincodeProposalPayload(
        input=chaincode_pb2.ChaincodeInvocationSpec(chaincode_spec=spec).SerializeToString(),
        TransientMap=dict(transient),
    )
    proposal = proposal_pb2.Proposal(
        header=common_pb2.Header(
            channel_header=header.SerializeToString(),
            signature_header=signature.SerializeToString(),
        ).SerializeToString(),
        payload=payload.SerializeToString(),
    ).SerializeToString()
    signed = proposal_pb2.SignedProposal(proposal_bytes=proposal, signature=identity.sign(proposal))
    return Transaction(channel, tx_id, args, proposal=read_proposal(signed))
