"""The tables. Column comments say what is not plain from the name.

``number`` counts rows in the order they were made: it orders lists and their pages.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hansa.domain.voting import InvitationStatus, ProposalStatus
from hansa.store.types import UtcDateTime

_NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        list[str]: JSON,
    }


class Installation(Base):
    """One row: who this installation is. ``id`` marks its processes and hosts entries."""

    __tablename__ = "installation"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    created_at: Mapped[datetime]


class Account(Base):
    __tablename__ = "accounts"
    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class AccessKey(Base):
    """A key of a user, or the temporary one of a session, which has a token and an end.

    ``secret`` and ``session_token`` are sealed by the cipher. ``status``: Active, Inactive.
    ``principal_id`` is the user, or the role of an assumed role; ``session_policies`` are the
    documents that a session was narrowed with. A role's session may have ``session_tags``, of which
    it hands on ``transitive_tag_keys``, and a ``source_identity``.
    """

    __tablename__ = "access_keys"
    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    principal_id: Mapped[str] = mapped_column(String(21), index=True)
    principal_arn: Mapped[str] = mapped_column(String(2048))
    secret: Mapped[str] = mapped_column(Text)
    session_token: Mapped[str | None] = mapped_column(Text)
    session_policies: Mapped[list[str] | None]
    session_tags: Mapped[dict[str, Any] | None]
    transitive_tag_keys: Mapped[list[str] | None]
    source_identity: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    last_used_at: Mapped[datetime | None]
    last_used_service: Mapped[str | None] = mapped_column(String(64))
    last_used_region: Mapped[str | None] = mapped_column(String(32))


class Principal(Base):
    """A user, group or role of an account: ``kind``. Names differ by more than case.

    ``trust`` (a policy document, in which users and roles stand by their ids) and
    ``session_seconds_max`` are a role's alone.
    """

    __tablename__ = "principals"
    id: Mapped[str] = mapped_column(String(21), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(128))
    folded_name: Mapped[str] = mapped_column(String(128))
    path: Mapped[str] = mapped_column(String(512))
    description: Mapped[str | None] = mapped_column(String(1000))
    trust: Mapped[str | None] = mapped_column(Text)
    session_seconds_max: Mapped[int | None]
    boundary_arn: Mapped[str | None] = mapped_column(String(2048))
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("account_id", "kind", "folded_name"),)

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account_id}:{self.kind}{self.path}{self.name}"


class GroupMembership(Base):
    """A user who is in a group."""

    __tablename__ = "group_memberships"
    group_id: Mapped[str] = mapped_column(ForeignKey("principals.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("principals.id"), primary_key=True, index=True)


class InlinePolicy(Base):
    """A policy that is part of one principal."""

    __tablename__ = "inline_policies"
    principal_id: Mapped[str] = mapped_column(ForeignKey("principals.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    document: Mapped[str] = mapped_column(Text)


class ManagedPolicy(Base):
    """A policy of an account, in versions; ``latest_version`` is the number given out last."""

    __tablename__ = "managed_policies"
    id: Mapped[str] = mapped_column(String(21), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(128))
    folded_name: Mapped[str] = mapped_column(String(128))
    arn: Mapped[str] = mapped_column(String(2048), unique=True)
    path: Mapped[str] = mapped_column(String(512))
    description: Mapped[str | None] = mapped_column(String(1000))
    default_version: Mapped[int]
    latest_version: Mapped[int]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("account_id", "folded_name"),)


class PolicyVersion(Base):
    __tablename__ = "policy_versions"
    policy_id: Mapped[str] = mapped_column(ForeignKey("managed_policies.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class Attachment(Base):
    """A managed policy, of the account or of AWS, that a principal has."""

    __tablename__ = "attachments"
    principal_id: Mapped[str] = mapped_column(ForeignKey("principals.id"), primary_key=True)
    policy_arn: Mapped[str] = mapped_column(String(2048), primary_key=True, index=True)


class Network(Base):
    """``account_id`` created it, which gives no rights; ``orderers`` is its ordering service."""

    __tablename__ = "networks"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    account_id: Mapped[str] = mapped_column(String(12), index=True)
    region: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(64))
    description: Mapped[str | None] = mapped_column(String(128))
    framework: Mapped[str] = mapped_column(String(32))
    framework_version: Mapped[str] = mapped_column(String(8))
    edition: Mapped[str] = mapped_column(String(16))
    orderers: Mapped[int]
    threshold_percentage: Mapped[int]
    proposal_duration_hours: Mapped[int]
    threshold_comparator: Mapped[str] = mapped_column(String(32))
    founder_member_id: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(32))
    status_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class Member(Base):
    """``admin_password`` is sealed, and null as soon as the CA has it.

    ``registrar_secret`` (sealed) is that of the service's own identity at the member's CA.
    ``admission`` to the network's consortium is NONE, ADMITTING or ADMITTED.
    """

    __tablename__ = "members"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    network_id: Mapped[str] = mapped_column(ForeignKey("networks.id"), index=True)
    account_id: Mapped[str] = mapped_column(String(12), index=True)
    name: Mapped[str] = mapped_column(String(64))
    description: Mapped[str | None] = mapped_column(String(128))
    admin_username: Mapped[str] = mapped_column(String(16))
    admin_password: Mapped[str | None] = mapped_column(Text)
    registrar_secret: Mapped[str] = mapped_column(Text)
    log_publishing: Mapped[dict[str, Any] | None]
    kms_key_arn: Mapped[str] = mapped_column(String(1011))
    admission: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(32))
    status_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class Node(Base):
    """A peer node. ``kms_key_arn`` is its member's."""

    __tablename__ = "nodes"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    network_id: Mapped[str] = mapped_column(ForeignKey("networks.id"), index=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), index=True)
    account_id: Mapped[str] = mapped_column(String(12), index=True)
    instance_type: Mapped[str] = mapped_column(String(32))
    availability_zone: Mapped[str] = mapped_column(String(32))
    state_db: Mapped[str] = mapped_column(String(16))
    log_publishing: Mapped[dict[str, Any] | None]
    kms_key_arn: Mapped[str] = mapped_column(String(1011))
    status: Mapped[str] = mapped_column(String(32))
    status_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class Proposal(Base):
    """``invitations`` are account ids, ``removals`` member ids: what approval brings about."""

    __tablename__ = "proposals"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    network_id: Mapped[str] = mapped_column(ForeignKey("networks.id"), index=True)
    member_id: Mapped[str] = mapped_column(String(32))
    member_name: Mapped[str] = mapped_column(String(64))
    description: Mapped[str | None] = mapped_column(String(128))
    invitations: Mapped[list[str]]
    removals: Mapped[list[str]]
    status: Mapped[str] = mapped_column(String(32))
    status_reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    def status_at(self, now: datetime) -> ProposalStatus:
        """Its status by the clock: EXPIRED from the deadline on, recorded or not."""
        status = ProposalStatus(self.status)
        waiting = status is ProposalStatus.IN_PROGRESS
        return ProposalStatus.EXPIRED if waiting and self.expires_at <= now else status


class Vote(Base):
    """A member's vote, which is final."""

    __tablename__ = "votes"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    proposal_id: Mapped[str] = mapped_column(ForeignKey("proposals.id"), index=True)
    member_id: Mapped[str] = mapped_column(String(32))
    member_name: Mapped[str] = mapped_column(String(64))
    vote: Mapped[str] = mapped_column(String(3))
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("proposal_id", "member_id"),)


class Invitation(Base):
    """``account_id`` may join the network; ``member_id`` is the member that it made of it."""

    __tablename__ = "invitations"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    account_id: Mapped[str] = mapped_column(String(12), index=True)
    network_id: Mapped[str] = mapped_column(ForeignKey("networks.id"), index=True)
    proposal_id: Mapped[str] = mapped_column(String(32))
    member_id: Mapped[str | None] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    def status_at(self, now: datetime) -> InvitationStatus:
        """Its status by the clock: EXPIRED from the deadline on, recorded or not."""
        status = InvitationStatus(self.status)
        waiting = status is InvitationStatus.PENDING
        return InvitationStatus.EXPIRED if waiting and self.expires_at <= now else status


class Accessor(Base):
    """A billing token, kept for compatibility; it has no effect on Fabric."""

    __tablename__ = "accessors"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    account_id: Mapped[str] = mapped_column(String(12), index=True)
    region: Mapped[str] = mapped_column(String(32))
    type: Mapped[str] = mapped_column(String(32))
    network_type: Mapped[str | None] = mapped_column(String(32))
    billing_token: Mapped[str] = mapped_column(String(42))
    status: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class Tag(Base):
    """``resource_id`` is the id of a network, member, node, proposal, invitation or accessor.

    Of channels, chaincode and packages it is what :mod:`hansa.domain.fabric_arns` makes it.
    """

    __tablename__ = "tags"
    resource_id: Mapped[str] = mapped_column(String(512), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    value: Mapped[str] = mapped_column(String(256))


class RequestToken(Base):
    """The answer given for a ClientRequestToken, to be given again for the same request."""

    __tablename__ = "request_tokens"
    account_id: Mapped[str] = mapped_column(String(12), primary_key=True)
    region: Mapped[str] = mapped_column(String(32), primary_key=True)
    operation: Mapped[str] = mapped_column(String(64), primary_key=True)
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    answer: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Port(Base):
    """A port that a resource has for itself. The primary key is what makes it so."""

    __tablename__ = "ports"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    resource_id: Mapped[str] = mapped_column(String(32), index=True)
    purpose: Mapped[str] = mapped_column(String(32))
    ordinal: Mapped[int] = mapped_column(default=0)
    __table_args__ = (UniqueConstraint("resource_id", "purpose", "ordinal"),)


class Work(Base):
    """A resource that has to be looked at, at ``due_at``, by whoever gets the lease first.

    ``generation`` counts the requests for a look, so that one made during a look is not lost.
    ``failing_since`` is when its steps began to fail, or its processes were first seen not ready.
    """

    __tablename__ = "work"
    resource_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime]
    generation: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    __table_args__ = (Index("ix_work_due_at", "due_at"),)


class Event(Base):
    """The outbox: what happened, as it is told to an account. ``subject`` orders deliveries."""

    __tablename__ = "events"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(36), unique=True)
    account_id: Mapped[str] = mapped_column(String(12), index=True)
    subject: Mapped[str] = mapped_column(String(32))
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class Transition(Base):
    """Every change of status, in order: the history that events are made from."""

    __tablename__ = "transitions"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(16))
    resource_id: Mapped[str] = mapped_column(String(32), index=True)
    before: Mapped[str | None] = mapped_column(String(32))
    after: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
