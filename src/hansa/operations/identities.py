"""Identities in the certificate authorities of the caller's members. The authority keeps them."""

from __future__ import annotations

import string
from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from hansa.awsapi import hansafabric as api
from hansa.domain import names
from hansa.domain.caller import Caller
from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceAlreadyExistsError,
    ResourceNotReadyError,
)
from hansa.domain.lifecycle import Status
from hansa.fabric.base import MemberFacts
from hansa.fabric.ca_client import CaIdentity, Registration
from hansa.fabric.ca_config import REGISTRAR_NAME
from hansa.fabric.identities import Identities, NameTakenError, SecretRefusedError
from hansa.fabric.ledgers import Ledgers
from hansa.operations.channel_requests import ChannelRequests
from hansa.operations.context import OperationContext
from hansa.operations.fabric_faults import fabric_faults
from hansa.operations.facts import member_facts
from hansa.operations.lists import name_page
from hansa.operations.lookups import find_own_member, not_found
from hansa.store.database import Session
from hansa.store.identities import revoked_identities
from hansa.store.operation_tables import Operation

SECRET_LENGTH = 24
_SECRET_ALPHABET = string.ascii_letters + string.digits
_READY = (Status.AVAILABLE, Status.UPDATING)
# What fabric-ca gives every identity besides; it repeats the name, the type and the member.
_GIVEN_BY_THE_CA = frozenset({"hf.Affiliation", "hf.EnrollmentID", "hf.Type"})


class IdentityRequests:
    """RegisterIdentity, EnrollIdentity, ListIdentities, RevokeIdentity."""

    def __init__(self, context: OperationContext, ledgers: Ledgers, identities: Identities) -> None:
        self._context = context
        self._requests = ChannelRequests(context, ledgers)
        self._identities = identities

    def register(
        self, caller: Caller, request: api.RegisterIdentityInput
    ) -> api.RegisterIdentityOutput:
        member = self._member(caller, request["NetworkId"], request["MemberId"])
        name, attributes = request["Name"], request.get("Attributes") or []
        _check_attributes(attributes)
        if name == REGISTRAR_NAME:
            raise _taken(name, member)
        choice = self._context.choice
        secret = request.get("Secret") or "".join(
            choice(_SECRET_ALPHABET) for _ in range(SECRET_LENGTH)
        )
        registration = Registration(
            name=name,
            type=request.get("Type", "client"),
            affiliation=member.member_id,
            secret=secret,
            attributes={attribute["Name"]: attribute["Value"] for attribute in attributes},
            enrolled=frozenset(
                attribute["Name"] for attribute in attributes if attribute.get("InCertificate")
            ),
            max_enrollments=request.get("MaxEnrollments", 0),
        )
        with fabric_faults():
            try:
                self._identities.register(member, registration)
            except NameTakenError as refusal:
                raise _taken(name, member) from refusal
        arn = names.identity_arn(caller.region, caller.account_id, member.member_id, name)
        return {"Name": name, "Secret": secret, "Arn": arn}

    def enroll(self, caller: Caller, request: api.EnrollIdentityInput) -> api.EnrollIdentityOutput:
        member = self._member(caller, request["NetworkId"], request["MemberId"])
        name, signing_request = request["Name"], request["CertificateSigningRequest"]
        _check_signing_request(name, signing_request)
        with fabric_faults():
            self._find(member, name)
            try:
                enrollment = self._identities.enroll(
                    member, name, request["Secret"], signing_request
                )
            except SecretRefusedError as refusal:
                raise IllegalActionError(
                    f"Identity {name} of member {member.member_id} cannot be enrolled with this "
                    "secret: it is not the one that it was registered with, or it has been used "
                    "for as many certificates as its MaxEnrollments says, or for wrong secrets "
                    "ten times, or the identity is revoked"
                ) from refusal
        return {
            "Certificate": enrollment.certificate,
            "CaChain": enrollment.ca_chain,
            "MspId": member.member_id,
        }

    def list(self, caller: Caller, request: api.ListIdentitiesInput) -> api.ListIdentitiesOutput:
        member = self._member(caller, request["NetworkId"], request["MemberId"])
        with self._context.store.read() as session:
            revoked = revoked_identities(session, member.member_id)
        with fabric_faults():
            found = {one.name: one for one in self._identities.identities(member)}
        shown, token = name_page("ListIdentities", sorted(found), request)
        described = [
            _describe(
                found[name],
                "REVOKED" if name in revoked else "ACTIVE",
                names.identity_arn(caller.region, caller.account_id, member.member_id, name),
            )
            for name in shown
        ]
        return {"Identities": described, "NextToken": token}

    def revoke(self, caller: Caller, request: api.RevokeIdentityInput) -> api.RevokeIdentityOutput:
        member = self._member(caller, request["NetworkId"], request["MemberId"])
        with fabric_faults():
            self._find(member, request["Name"])

        def revoke(session: Session) -> Operation:
            row = find_own_member(
                self._context, session, caller, request["NetworkId"], request["MemberId"]
            )
            return self._requests.record(session, row, "RevokeIdentity", request["Name"], {})

        return {"OperationId": self._requests.once(caller, "RevokeIdentity", request, revoke)}

    def _find(self, member: MemberFacts, name: str) -> CaIdentity:
        found = None if name == REGISTRAR_NAME else self._identities.find(member, name)
        if found is None:
            raise not_found("Identity", name)
        return found

    def _member(self, caller: Caller, network_id: str, member_id: str) -> MemberFacts:
        """A member of the caller's account, whose certificate authority serves."""
        store = self._context.store
        with store.read() as session:
            member = find_own_member(self._context, session, caller, network_id, member_id)
            if member.status not in _READY:
                raise ResourceNotReadyError(
                    f"Member {member.id} is {member.status}; its certificate authority serves "
                    "once it is AVAILABLE"
                )
            return member_facts(session, store.cipher, member)


def _taken(name: str, member: MemberFacts) -> ResourceAlreadyExistsError:
    return ResourceAlreadyExistsError(
        f"Member {member.member_id} has an identity {name}; choose another name. "
        "The name of a revoked identity stays taken"
    )


def _check_attributes(attributes: Sequence[api.IdentityAttribute]) -> None:
    given = [attribute["Name"] for attribute in attributes]
    for name in given:
        if given.count(name) > 1:
            raise InvalidRequestError(
                f"The request is not valid: 'attributes' has {name} more than once"
            )
        if name in _GIVEN_BY_THE_CA:
            raise InvalidRequestError(
                f"The request is not valid: 'attributes' has {name}, which the certificate "
                "authority gives itself"
            )


def _check_signing_request(name: str, pem: str) -> None:
    """Raises :class:`InvalidRequestError` for what the authority, or Fabric, would refuse."""
    rule = "The request is not valid: 'certificateSigningRequest'"
    try:
        request = x509.load_pem_x509_csr(pem.encode())
        key, is_signed = request.public_key(), request.is_signature_valid
        subject = request.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise InvalidRequestError(
            f"{rule} is not a PKCS #10 request in PEM (-----BEGIN CERTIFICATE REQUEST-----)"
        ) from fault
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InvalidRequestError(f"{rule} is not of an ECDSA key on P-256 (prime256v1)")
    if not is_signed:
        raise InvalidRequestError(f"{rule} is not signed with the key that it names")
    if [part.value for part in subject] != [name]:
        raise InvalidRequestError(f"{rule} has to have {name}, the identity, as its common name")


def _describe(identity: CaIdentity, status: str, arn: str) -> api.Identity:
    return {
        "Name": identity.name,
        "Type": identity.type,
        "Status": status,
        "Attributes": [
            {"Name": name, "Value": value, "InCertificate": name in identity.enrolled}
            for name, value in sorted(identity.attributes.items())
            if name not in _GIVEN_BY_THE_CA
        ],
        "MaxEnrollments": identity.max_enrollments if identity.max_enrollments > 0 else None,
        "Arn": arn,
    }
