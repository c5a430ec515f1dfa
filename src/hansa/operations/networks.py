"""Networks: created with their first member, deleted with their last."""

from __future__ import annotations

from typing import Any, cast

from hansa.awsapi import managedblockchain as api
from hansa.domain import names
from hansa.domain.caller import Caller
from hansa.domain.editions import FRAMEWORK, FRAMEWORK_VERSIONS
from hansa.domain.errors import (
    IllegalActionError,
    InvalidRequestError,
    ResourceAlreadyExistsError,
    ResourceLimitExceededError,
)
from hansa.domain.lifecycle import Kind, Status
from hansa.operations.context import OperationContext
from hansa.operations.limits import edition_limits
from hansa.operations.lists import given, gone_before, page
from hansa.operations.lookups import find_network, not_found
from hansa.operations.members import add_member, check_member_configuration
from hansa.operations.reservations import reserve
from hansa.operations.tags import check_tags
from hansa.operations.tokens import answer_once
from hansa.store.database import Session
from hansa.store.members import present_members
from hansa.store.networks import (
    VISIBLE_NETWORKS,
    count_networks,
    get_visible_network,
    network_named,
)
from hansa.store.pages import Filters
from hansa.store.ports import ports_of
from hansa.store.resources import record_creation
from hansa.store.tables import Network
from hansa.store.tags import get_tags, put_tags
from hansa.store.work import add_work


class Networks:
    """CreateNetwork, ListNetworks, GetNetwork, and DeleteNetwork (which AMB never had)."""

    def __init__(self, context: OperationContext) -> None:
        self._context = context

    def create(self, caller: Caller, request: api.CreateNetworkInput) -> api.CreateNetworkOutput:
        _check_request(request)
        now = self._context.now()
        with self._context.store.write() as session:
            answer = answer_once(
                session, caller, "CreateNetwork", request, now,
                lambda: self._create(session, caller, request),
            )  # fmt: skip
        self._context.wake()
        return answer

    def _create(
        self, session: Session, caller: Caller, request: api.CreateNetworkInput
    ) -> api.CreateNetworkOutput:
        edition = request["FrameworkConfiguration"]["Fabric"]["Edition"]
        self._check_room(session, caller, request["Name"], edition)
        context, now = self._context, self._context.now()
        policy = request["VotingPolicy"]["ApprovalThresholdPolicy"]
        network = Network(
            id=names.new_id("network", context.choice),
            account_id=caller.account_id,
            region=caller.region,
            name=request["Name"],
            description=request.get("Description"),
            framework=request["Framework"],
            framework_version=request["FrameworkVersion"],
            edition=edition,
            orderers=edition_limits(context.settings, edition).orderers,
            threshold_percentage=policy["ThresholdPercentage"],
            proposal_duration_hours=policy["ProposalDurationInHours"],
            threshold_comparator=policy["ThresholdComparator"],
            founder_member_id=names.new_id("member", context.choice),
            status=Status.CREATING,
            status_reason="The ordering service is being started",
            created_at=now,
        )
        session.add(network)
        session.flush()
        for ordinal in range(network.orderers):
            reserve(context, session, network.id, "orderer", ordinal)
            reserve(context, session, network.id, "operations", ordinal)
        put_tags(session, network.id, request.get("Tags") or {})
        record_creation(session, network, now)
        add_work(session, Kind.NETWORK, network.id, now)
        member_id = network.founder_member_id
        configuration = request["MemberConfiguration"]
        add_member(context, session, caller, network, member_id, configuration, founder=True)
        return {"NetworkId": network.id, "MemberId": member_id}

    def _check_room(self, session: Session, caller: Caller, name: str, edition: str) -> None:
        if network_named(session, caller.account_id, name) is not None:
            raise ResourceAlreadyExistsError(
                f"a network named {name} already exists in account {caller.account_id}; "
                "choose another name"
            )
        limit = edition_limits(self._context.settings, edition).networks_per_account_max
        if count_networks(session, caller.account_id, edition) >= limit:
            raise ResourceLimitExceededError(
                f"account {caller.account_id} already has {limit} {edition} networks, which is the "
                "limit; delete one, or raise the setting networks_per_account_max"
            )

    def list(self, caller: Caller, request: api.ListNetworksInput) -> api.ListNetworksOutput:
        filters = Filters(
            {"account_id": caller.account_id},
            {"region": caller.region, **given(request, "Name", "Framework", "Status")},
            gone_before=gone_before(self._context),
        )
        with self._context.store.read() as session:
            rows, token = page(session, "ListNetworks", VISIBLE_NETWORKS, filters, request)
            return {"Networks": [network_summary(row) for row in rows], "NextToken": token}

    def get(self, caller: Caller, request: api.GetNetworkInput) -> api.GetNetworkOutput:
        with self._context.store.read() as session:
            network = find_network(self._context, session, caller, request["NetworkId"])
            return {"Network": self._describe(session, network)}

    def delete(self, caller: Caller, request: api.DeleteNetworkInput) -> api.DeleteNetworkOutput:
        """Confirm that a network is gone or going; a network goes only with its last member.

        AMB's guide, "Delete a Network": no account can delete the network until it is the last
        member and deletes itself. Recipes delete the last member and then the network, so a network
        that was the caller's and has ended is a success.
        """
        network_id = request["NetworkId"]
        with self._context.store.read() as session:
            network = get_visible_network(session, caller.account_id, network_id)
            if network is None:
                raise not_found("Network", network_id)
            if network.status in (Status.DELETING, Status.DELETED):
                return {}
            members = present_members(session, network_id)
            raise IllegalActionError(
                f"Network {network_id} cannot be deleted while it has members: it is deleted with "
                f"its last member. Delete {', '.join(member.id for member in members)} first "
                "(aws managedblockchain delete-member)"
            )

    def _describe(self, session: Session, network: Network) -> api.Network:
        ports = ports_of(session, network.id)
        port = ports.get(("orderer", 0))
        shown = port is not None and network.status != Status.CREATING
        spelled = self._context.endpoints.in_region(network.region)
        return {
            "Id": network.id,
            "Name": network.name,
            "Description": network.description,
            "Framework": network.framework,
            "FrameworkVersion": network.framework_version,
            "FrameworkAttributes": {
                "Fabric": {
                    "OrderingServiceEndpoint": (
                        spelled.orderer(network.id, 0, port) if shown and port else None
                    ),
                    "Edition": network.edition,
                }
            },
            "VpcEndpointServiceName": names.vpc_endpoint_service_name(network.id, network.region),
            "VotingPolicy": _voting_policy(network),
            "Status": network.status,
            "StatusReason": network.status_reason,
            "CreationDate": network.created_at,
            "Tags": get_tags(session, network.id),
            "Arn": names.network_arn(network.region, network.id),
        }  # fmt: skip


def _voting_policy(network: Network) -> api.VotingPolicy:
    return {
        "ApprovalThresholdPolicy": {
            "ThresholdPercentage": network.threshold_percentage,
            "ProposalDurationInHours": network.proposal_duration_hours,
            "ThresholdComparator": cast("Any", network.threshold_comparator),
        }
    }


def network_summary(network: Network) -> api.NetworkSummary:
    """The network as lists and invitations show it."""
    return {
        "Id": network.id,
        "Name": network.name,
        "Description": network.description,
        "Framework": network.framework,
        "FrameworkVersion": network.framework_version,
        "Status": network.status,
        "CreationDate": network.created_at,
        "Arn": names.network_arn(network.region, network.id),
    }


def _check_request(request: api.CreateNetworkInput) -> None:
    """The rules that the service model cannot say; all faults are told together."""
    faults = []
    if request["Framework"] != FRAMEWORK:
        faults.append(f"'framework' is {request['Framework']}; this service offers {FRAMEWORK}")
    if request["FrameworkVersion"] not in FRAMEWORK_VERSIONS:
        faults.append(
            f"'frameworkVersion' is {request['FrameworkVersion']}; it has to be one of "
            f"{', '.join(FRAMEWORK_VERSIONS)}"
        )
    if "Fabric" not in request.get("FrameworkConfiguration", {}):
        faults.append("'frameworkConfiguration.fabric.edition' is missing: STARTER or STANDARD")
    policy = request["VotingPolicy"].get("ApprovalThresholdPolicy", {})
    for name in ("ThresholdPercentage", "ProposalDurationInHours", "ThresholdComparator"):
        if name not in policy:
            field = name[0].lower() + name[1:]
            faults.append(f"'votingPolicy.approvalThresholdPolicy.{field}' is missing")
    faults += check_member_configuration(request["MemberConfiguration"])
    if faults:
        raise InvalidRequestError(f"The request is not valid: {'; '.join(faults)}")
    check_tags(request.get("Tags") or {})
