"""Members of a network."""

from __future__ import annotations

from typing import cast

from hansa.awsapi import managedblockchain as api
from hansa.domain import names
from hansa.domain.caller import Caller
from hansa.domain.editions import TAGS_MAX
from hansa.domain.errors import ResourceNotReadyError
from hansa.domain.lifecycle import Admission, Kind, Status
from hansa.operations.context import OperationContext
from hansa.operations.decisions import settle_open_proposals
from hansa.operations.lists import given, gone_before, page
from hansa.operations.lookups import find_member, find_network, find_own_member
from hansa.operations.removals import begin_member_deletion
from hansa.operations.reservations import reserve
from hansa.store.database import Session
from hansa.store.members import MEMBERS_OF_NETWORK
from hansa.store.pages import Filters
from hansa.store.ports import ports_of
from hansa.store.resources import change_status, record_creation
from hansa.store.tables import Member, Network
from hansa.store.tags import get_tags, put_tags
from hansa.store.work import add_work

AWS_OWNED_KEY = "AWS Owned KMS Key"
"""What GetMember shows where no key of the customer's is used (service model, KmsKeyArn)."""

_SECRET_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"  # noqa: S105
_SECRET_LENGTH = 32


def check_member_configuration(configuration: api.MemberConfiguration) -> list[str]:
    """What is wrong with it beyond the service model, a text per fault."""
    faults = []
    if "Fabric" not in configuration["FrameworkConfiguration"]:
        faults.append(
            "'memberConfiguration.frameworkConfiguration.fabric' is missing: "
            "AdminUsername and AdminPassword of the member's administrator"
        )
    if configuration.get("KmsKeyArn"):
        faults.append(
            "'memberConfiguration.kmsKeyArn' is not supported: leave it out, and the member's data "
            "is protected by the installation's own key"
        )
    tags = configuration.get("Tags") or {}
    if any(key.lower().startswith("aws:") for key in tags) or len(tags) > TAGS_MAX:
        faults.append(
            f"'memberConfiguration.tags' is not valid: at most {TAGS_MAX} tags, "
            "and no key that begins with 'aws:'"
        )
    return faults


def add_member(
    context: OperationContext,
    session: Session,
    caller: Caller,
    network: Network,
    member_id: str,
    configuration: api.MemberConfiguration,
    *,
    founder: bool,
) -> None:
    """Write the intent that this member exists: its row, ports, tags and work.

    A founder is in the network's consortium from its genesis on.
    """
    now, seal = context.now(), context.store.cipher.encrypt
    fabric = configuration["FrameworkConfiguration"]["Fabric"]
    secret = "".join(context.choice(_SECRET_ALPHABET) for _ in range(_SECRET_LENGTH))
    member = Member(
        id=member_id,
        network_id=network.id,
        account_id=caller.account_id,
        name=configuration["Name"],
        description=configuration.get("Description"),
        admin_username=fabric["AdminUsername"],
        admin_password=seal(fabric["AdminPassword"]),
        registrar_secret=seal(secret),
        log_publishing=configuration.get("LogPublishingConfiguration"),
        kms_key_arn=AWS_OWNED_KEY,
        admission=Admission.ADMITTED if founder else Admission.NONE,
        status=Status.CREATING,
        status_reason="The certificate authority is being started",
        created_at=now,
    )
    session.add(member)
    session.flush()
    reserve(context, session, member.id, "ca")
    reserve(context, session, member.id, "operations")
    put_tags(session, member.id, configuration.get("Tags") or {})
    record_creation(session, member, now)
    add_work(session, Kind.MEMBER, member.id, now)


class Members:
    """ListMembers, GetMember, UpdateMember, DeleteMember."""

    def __init__(self, context: OperationContext) -> None:
        self._context = context

    def list(self, caller: Caller, request: api.ListMembersInput) -> api.ListMembersOutput:
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, request["NetworkId"])
            filters = _filters(self._context, caller, request)
            rows, token = page(session, "ListMembers", MEMBERS_OF_NETWORK, filters, request)
            return {
                "Members": [_summary(row, caller, network.region) for row in rows],
                "NextToken": token,
            }

    def get(self, caller: Caller, request: api.GetMemberInput) -> api.GetMemberOutput:
        with self._context.store.read() as session:
            member = find_member(
                self._context, session, caller, request["NetworkId"], request["MemberId"]
            )
            region = find_network(self._context, session, caller, member.network_id).region
            return {"Member": self._describe(session, caller, member, region)}

    def update(self, caller: Caller, request: api.UpdateMemberInput) -> api.UpdateMemberOutput:
        """Change what logs are published. The reconciler takes it from UPDATING to AVAILABLE."""
        now = self._context.now()
        with self._context.store.write() as session:
            member = find_own_member(
                self._context, session, caller, request["NetworkId"], request["MemberId"]
            )
            if member.status not in (Status.AVAILABLE, Status.UPDATING):
                raise ResourceNotReadyError(
                    f"Member {member.id} is {member.status}; it can be updated once it is AVAILABLE"
                )
            if "LogPublishingConfiguration" in request:
                member.log_publishing = dict(request["LogPublishingConfiguration"])
                if member.status == Status.AVAILABLE:
                    change_status(session, member, Status.UPDATING, "Its logs are being set", now)
                add_work(session, Kind.MEMBER, member.id, now)
        self._context.wake()
        return {}

    def delete(self, caller: Caller, request: api.DeleteMemberInput) -> api.DeleteMemberOutput:
        """Delete the member and its nodes; with the last member, the network."""
        with self._context.store.write() as session:
            member = find_own_member(
                self._context, session, caller, request["NetworkId"], request["MemberId"]
            )
            if member.status in (Status.CREATING, Status.UPDATING):
                raise ResourceNotReadyError(
                    f"Member {member.id} is {member.status}; "
                    "it can be deleted once it is AVAILABLE or CREATE_FAILED"
                )
            network = find_network(self._context, session, caller, member.network_id)
            if network.status == Status.CREATING:
                raise ResourceNotReadyError(
                    f"Network {network.id} is CREATING; "
                    "its member can be deleted once it is AVAILABLE or CREATE_FAILED"
                )
            if member.status not in (Status.DELETING, Status.DELETED):
                begin_member_deletion(
                    self._context, session, network, member, "Deletion was asked for"
                )
                settle_open_proposals(self._context, session, network)
        self._context.wake()
        return {}

    def _describe(
        self, session: Session, caller: Caller, member: Member, region: str
    ) -> api.Member:
        port = ports_of(session, member.id).get(("ca", 0))
        shown = port is not None and member.status != Status.CREATING
        spelled = self._context.endpoints.in_region(region)
        owned = member.account_id == caller.account_id
        endpoint = spelled.ca(member.id, member.network_id, port) if shown and port else None
        return {
            "NetworkId": member.network_id,
            "Id": member.id,
            "Name": member.name,
            "Description": member.description,
            "FrameworkAttributes": {
                "Fabric": {
                    "AdminUsername": member.admin_username if owned else None,
                    "CaEndpoint": endpoint,
                }
            },
            "LogPublishingConfiguration": (
                cast("api.MemberLogPublishingConfiguration | None", member.log_publishing)
                if owned
                else None
            ),
            "Status": member.status,
            "StatusReason": member.status_reason,
            "CreationDate": member.created_at,
            "Tags": get_tags(session, member.id) if owned else {},
            "Arn": names.member_arn(region, member.account_id, member.id),
            "KmsKeyArn": member.kms_key_arn,
        }  # fmt: skip


def _filters(context: OperationContext, caller: Caller, request: api.ListMembersInput) -> Filters:
    equal, unequal = given(request, "Name", "Status"), dict[str, object]()
    if "IsOwned" in request:
        (equal if request["IsOwned"] else unequal)["account_id"] = caller.account_id
    gone = gone_before(context)
    return Filters({"network_id": request["NetworkId"]}, equal, unequal, gone)


def _summary(member: Member, caller: Caller, region: str) -> api.MemberSummary:
    return {
        "Id": member.id,
        "Name": member.name,
        "Description": member.description,
        "Status": member.status,
        "CreationDate": member.created_at,
        "IsOwned": member.account_id == caller.account_id,
        "Arn": names.member_arn(region, member.account_id, member.id),
    }
