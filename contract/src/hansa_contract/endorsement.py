"""Key-level endorsement: the policy of a single key."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Self

from fabric_protos.common import policies_pb2
from fabric_protos.msp import msp_principal_pb2

from hansa_contract.errors import ChaincodeError


class Role(IntEnum):
    """``MSPRole.MSPRoleType``, as far as endorsers have it."""

    MEMBER = 0
    PEER = 3


class KeyEndorsementPolicy:
    """Members that must all endorse a write of a key, each with the role that it has to show.

    ``stub.set_state_validation_parameter(key, policy.to_bytes())`` puts it on a key.
    """

    def __init__(self, members: Iterable[str] = (), role: Role = Role.MEMBER) -> None:
        self._roles: dict[str, int] = {}
        self.add(members, role)

    @classmethod
    def from_bytes(cls, content: bytes | None) -> Self:
        """Read what ``get_state_validation_parameter`` returned; None means no members.

        Raises :class:`ChaincodeError` for what is no policy.
        """
        policy = cls()
        try:
            envelope = policies_pb2.SignaturePolicyEnvelope.FromString(content or b"")
            for identity in envelope.identities:
                if identity.principal_classification == msp_principal_pb2.MSPPrincipal.ROLE:
                    role = msp_principal_pb2.MSPRole.FromString(identity.principal)
                    policy._roles[role.msp_identifier] = role.role
        except Exception as fault:
            raise ChaincodeError(f"this is no endorsement policy: {fault}") from fault
        return policy

    def add(self, members: Iterable[str], role: Role = Role.MEMBER) -> None:
        for member in members:
            self._roles[member] = int(role)

    def remove(self, members: Iterable[str]) -> None:
        for member in members:
            self._roles.pop(member, None)

    @property
    def members(self) -> list[str]:
        """MSP ids, sorted."""
        return sorted(self._roles)

    def to_bytes(self) -> bytes:
        """A ``SignaturePolicyEnvelope``, the same on every endorser."""
        principals = []
        for member in self.members:
            role = msp_principal_pb2.MSPRole(role=self._roles[member], msp_identifier=member)
            principals.append(
                msp_principal_pb2.MSPPrincipal(
                    principal_classification=msp_principal_pb2.MSPPrincipal.ROLE,
                    principal=role.SerializeToString(),
                )
            )
        rules = [policies_pb2.SignaturePolicy(signed_by=i) for i in range(len(principals))]
        envelope = policies_pb2.SignaturePolicyEnvelope(
            rule=policies_pb2.SignaturePolicy(
                n_out_of=policies_pb2.SignaturePolicy.NOutOf(n=len(rules), rules=rules)
            ),
            identities=principals,
        )
        content: bytes = envelope.SerializeToString(deterministic=True)
        return content
