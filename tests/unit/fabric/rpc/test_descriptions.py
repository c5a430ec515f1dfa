"""What a channel's configuration says, in words."""

from __future__ import annotations

import pytest
from fabric_protos.common.configtx_pb2 import Config, ConfigPolicy
from fabric_protos.common.policies_pb2 import (
    ImplicitMetaPolicy,
    Policy,
    SignaturePolicy,
    SignaturePolicyEnvelope,
)
from fabric_protos.msp.msp_principal_pb2 import MSPPrincipal

from hansa.fabric.rpc.configs import implicit_policy
from hansa.fabric.rpc.descriptions import describe
from hansa.fabric.rpc.policies import parse_policy

UNIT = SignaturePolicyEnvelope(
    rule=SignaturePolicy(signed_by=0),
    identities=[MSPPrincipal(principal_classification=MSPPrincipal.ORGANIZATION_UNIT)],
)


def signature(envelope: SignaturePolicyEnvelope) -> ConfigPolicy:
    policy = Policy(type=Policy.SIGNATURE, value=envelope.SerializeToString())
    return ConfigPolicy(policy=policy)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (implicit_policy(ImplicitMetaPolicy.ALL, "Endorsement"), "ALL Endorsement"),
        (signature(parse_policy("OutOf(2, 'A.peer', 'B.peer', 'C.peer')")[0]), None),
        (signature(UNIT), "SIGNATURE"),
        (None, "MAJORITY Endorsement"),
    ],
)
def test_what_a_chaincode_definition_takes(policy: ConfigPolicy | None, words: str | None) -> None:
    config = Config()
    application = config.channel_group.groups["Application"]
    if policy is not None:
        application.policies["LifecycleEndorsement"].CopyFrom(policy)
    channel = describe("trade", 3, config)
    assert channel.lifecycle_policy == (words or "OutOf(2, 'A.peer', 'B.peer', 'C.peer')")
