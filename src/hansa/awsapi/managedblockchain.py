"""Types of the operations of ``managedblockchain`` 2018-09-24.

Written by tools/generate_awsapi.py from the service model; do not edit. Member names are the
API's. In what only the service answers, ``None`` stands for a member without a value, and an
enumeration is a string.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NotRequired, Protocol, TypedDict

from hansa.domain.caller import Caller


AccessorNetworkType = Literal[
    "ETHEREUM_GOERLI",
    "ETHEREUM_MAINNET",
    "ETHEREUM_MAINNET_AND_GOERLI",
    "POLYGON_MAINNET",
    "POLYGON_MUMBAI",
]
AccessorStatus = Literal["AVAILABLE", "PENDING_DELETION", "DELETED"]
AccessorType = Literal["BILLING_TOKEN"]
Edition = Literal["STARTER", "STANDARD"]
Framework = Literal["HYPERLEDGER_FABRIC", "ETHEREUM"]
InvitationStatus = Literal["PENDING", "ACCEPTED", "ACCEPTING", "REJECTED", "EXPIRED"]
MemberStatus = Literal[
    "CREATING",
    "AVAILABLE",
    "CREATE_FAILED",
    "UPDATING",
    "DELETING",
    "DELETED",
    "INACCESSIBLE_ENCRYPTION_KEY",
]
NetworkStatus = Literal["CREATING", "AVAILABLE", "CREATE_FAILED", "DELETING", "DELETED"]
NodeStatus = Literal[
    "CREATING",
    "AVAILABLE",
    "UNHEALTHY",
    "CREATE_FAILED",
    "UPDATING",
    "DELETING",
    "DELETED",
    "FAILED",
    "INACCESSIBLE_ENCRYPTION_KEY",
]
ProposalStatus = Literal["IN_PROGRESS", "APPROVED", "REJECTED", "EXPIRED", "ACTION_FAILED"]
StateDBType = Literal["LevelDB", "CouchDB"]
ThresholdComparator = Literal["GREATER_THAN", "GREATER_THAN_OR_EQUAL_TO"]
VoteValue = Literal["YES", "NO"]


class Accessor(TypedDict):
    Id: NotRequired[str | None]
    Type: NotRequired[str | None]
    BillingToken: NotRequired[str | None]
    Status: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    Arn: NotRequired[str | None]
    Tags: NotRequired[dict[str, str] | None]
    NetworkType: NotRequired[str | None]


class AccessorSummary(TypedDict):
    Id: NotRequired[str | None]
    Type: NotRequired[str | None]
    Status: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    Arn: NotRequired[str | None]
    NetworkType: NotRequired[str | None]


class ApprovalThresholdPolicy(TypedDict):
    ThresholdPercentage: NotRequired[int]
    ProposalDurationInHours: NotRequired[int]
    ThresholdComparator: NotRequired[ThresholdComparator]


class CreateAccessorInput(TypedDict):
    ClientRequestToken: str
    AccessorType: AccessorType
    Tags: NotRequired[dict[str, str]]
    NetworkType: NotRequired[AccessorNetworkType]


class CreateAccessorOutput(TypedDict):
    AccessorId: NotRequired[str | None]
    BillingToken: NotRequired[str | None]
    NetworkType: NotRequired[str | None]


class CreateMemberInput(TypedDict):
    ClientRequestToken: str
    InvitationId: str
    NetworkId: str
    MemberConfiguration: MemberConfiguration


class CreateMemberOutput(TypedDict):
    MemberId: NotRequired[str | None]


class CreateNetworkInput(TypedDict):
    ClientRequestToken: str
    Name: str
    Description: NotRequired[str]
    Framework: Framework
    FrameworkVersion: str
    FrameworkConfiguration: NotRequired[NetworkFrameworkConfiguration]
    VotingPolicy: VotingPolicy
    MemberConfiguration: MemberConfiguration
    Tags: NotRequired[dict[str, str]]


class CreateNetworkOutput(TypedDict):
    NetworkId: NotRequired[str | None]
    MemberId: NotRequired[str | None]


class CreateNodeInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    MemberId: NotRequired[str]
    NodeConfiguration: NodeConfiguration
    Tags: NotRequired[dict[str, str]]


class CreateNodeOutput(TypedDict):
    NodeId: NotRequired[str | None]


class CreateProposalInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    MemberId: str
    Actions: ProposalActions
    Description: NotRequired[str]
    Tags: NotRequired[dict[str, str]]


class CreateProposalOutput(TypedDict):
    ProposalId: NotRequired[str | None]


class DeleteAccessorInput(TypedDict):
    AccessorId: str


class DeleteAccessorOutput(TypedDict):
    pass


class DeleteMemberInput(TypedDict):
    NetworkId: str
    MemberId: str


class DeleteMemberOutput(TypedDict):
    pass


class DeleteNetworkInput(TypedDict):
    NetworkId: str


class DeleteNetworkOutput(TypedDict):
    pass


class DeleteNodeInput(TypedDict):
    NetworkId: str
    MemberId: NotRequired[str]
    NodeId: str


class DeleteNodeOutput(TypedDict):
    pass


class GetAccessorInput(TypedDict):
    AccessorId: str


class GetAccessorOutput(TypedDict):
    Accessor: NotRequired[Accessor | None]


class GetMemberInput(TypedDict):
    NetworkId: str
    MemberId: str


class GetMemberOutput(TypedDict):
    Member: NotRequired[Member | None]


class GetNetworkInput(TypedDict):
    NetworkId: str


class GetNetworkOutput(TypedDict):
    Network: NotRequired[Network | None]


class GetNodeInput(TypedDict):
    NetworkId: str
    MemberId: NotRequired[str]
    NodeId: str


class GetNodeOutput(TypedDict):
    Node: NotRequired[Node | None]


class GetProposalInput(TypedDict):
    NetworkId: str
    ProposalId: str


class GetProposalOutput(TypedDict):
    Proposal: NotRequired[Proposal | None]


class Invitation(TypedDict):
    InvitationId: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    ExpirationDate: NotRequired[datetime | None]
    Status: NotRequired[str | None]
    NetworkSummary: NotRequired[NetworkSummary | None]
    Arn: NotRequired[str | None]


class InviteAction(TypedDict):
    Principal: str


class ListAccessorsInput(TypedDict):
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]
    NetworkType: NotRequired[AccessorNetworkType]


class ListAccessorsOutput(TypedDict):
    Accessors: NotRequired[list[AccessorSummary] | None]
    NextToken: NotRequired[str | None]


class ListInvitationsInput(TypedDict):
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]


class ListInvitationsOutput(TypedDict):
    Invitations: NotRequired[list[Invitation] | None]
    NextToken: NotRequired[str | None]


class ListMembersInput(TypedDict):
    NetworkId: str
    Name: NotRequired[str]
    Status: NotRequired[MemberStatus]
    IsOwned: NotRequired[bool]
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]


class ListMembersOutput(TypedDict):
    Members: NotRequired[list[MemberSummary] | None]
    NextToken: NotRequired[str | None]


class ListNetworksInput(TypedDict):
    Name: NotRequired[str]
    Framework: NotRequired[Framework]
    Status: NotRequired[NetworkStatus]
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]


class ListNetworksOutput(TypedDict):
    Networks: NotRequired[list[NetworkSummary] | None]
    NextToken: NotRequired[str | None]


class ListNodesInput(TypedDict):
    NetworkId: str
    MemberId: NotRequired[str]
    Status: NotRequired[NodeStatus]
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]


class ListNodesOutput(TypedDict):
    Nodes: NotRequired[list[NodeSummary] | None]
    NextToken: NotRequired[str | None]


class ListProposalVotesInput(TypedDict):
    NetworkId: str
    ProposalId: str
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]


class ListProposalVotesOutput(TypedDict):
    ProposalVotes: NotRequired[list[VoteSummary] | None]
    NextToken: NotRequired[str | None]


class ListProposalsInput(TypedDict):
    NetworkId: str
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]


class ListProposalsOutput(TypedDict):
    Proposals: NotRequired[list[ProposalSummary] | None]
    NextToken: NotRequired[str | None]


class ListTagsForResourceInput(TypedDict):
    ResourceArn: str


class ListTagsForResourceOutput(TypedDict):
    Tags: NotRequired[dict[str, str] | None]


class LogConfiguration(TypedDict):
    Enabled: NotRequired[bool]


class LogConfigurations(TypedDict):
    Cloudwatch: NotRequired[LogConfiguration]


class Member(TypedDict):
    NetworkId: NotRequired[str | None]
    Id: NotRequired[str | None]
    Name: NotRequired[str | None]
    Description: NotRequired[str | None]
    FrameworkAttributes: NotRequired[MemberFrameworkAttributes | None]
    LogPublishingConfiguration: NotRequired[MemberLogPublishingConfiguration | None]
    Status: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    Tags: NotRequired[dict[str, str] | None]
    Arn: NotRequired[str | None]
    KmsKeyArn: NotRequired[str | None]
    StatusReason: NotRequired[str | None]


class MemberConfiguration(TypedDict):
    Name: str
    Description: NotRequired[str]
    FrameworkConfiguration: MemberFrameworkConfiguration
    LogPublishingConfiguration: NotRequired[MemberLogPublishingConfiguration]
    Tags: NotRequired[dict[str, str]]
    KmsKeyArn: NotRequired[str]


class MemberFabricAttributes(TypedDict):
    AdminUsername: NotRequired[str | None]
    CaEndpoint: NotRequired[str | None]


class MemberFabricConfiguration(TypedDict):
    AdminUsername: str
    AdminPassword: str


class MemberFabricLogPublishingConfiguration(TypedDict):
    CaLogs: NotRequired[LogConfigurations]


class MemberFrameworkAttributes(TypedDict):
    Fabric: NotRequired[MemberFabricAttributes | None]


class MemberFrameworkConfiguration(TypedDict):
    Fabric: NotRequired[MemberFabricConfiguration]


class MemberLogPublishingConfiguration(TypedDict):
    Fabric: NotRequired[MemberFabricLogPublishingConfiguration]


class MemberSummary(TypedDict):
    Id: NotRequired[str | None]
    Name: NotRequired[str | None]
    Description: NotRequired[str | None]
    Status: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    IsOwned: NotRequired[bool | None]
    Arn: NotRequired[str | None]


class Network(TypedDict):
    Id: NotRequired[str | None]
    Name: NotRequired[str | None]
    Description: NotRequired[str | None]
    Framework: NotRequired[str | None]
    FrameworkVersion: NotRequired[str | None]
    FrameworkAttributes: NotRequired[NetworkFrameworkAttributes | None]
    VpcEndpointServiceName: NotRequired[str | None]
    VotingPolicy: NotRequired[VotingPolicy | None]
    Status: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    Tags: NotRequired[dict[str, str] | None]
    Arn: NotRequired[str | None]
    StatusReason: NotRequired[str | None]


class NetworkEthereumAttributes(TypedDict):
    ChainId: NotRequired[str | None]


class NetworkFabricAttributes(TypedDict):
    OrderingServiceEndpoint: NotRequired[str | None]
    Edition: NotRequired[str | None]


class NetworkFabricConfiguration(TypedDict):
    Edition: Edition


class NetworkFrameworkAttributes(TypedDict):
    Fabric: NotRequired[NetworkFabricAttributes | None]
    Ethereum: NotRequired[NetworkEthereumAttributes | None]


class NetworkFrameworkConfiguration(TypedDict):
    Fabric: NotRequired[NetworkFabricConfiguration]


class NetworkSummary(TypedDict):
    Id: NotRequired[str | None]
    Name: NotRequired[str | None]
    Description: NotRequired[str | None]
    Framework: NotRequired[str | None]
    FrameworkVersion: NotRequired[str | None]
    Status: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    Arn: NotRequired[str | None]


class Node(TypedDict):
    NetworkId: NotRequired[str | None]
    MemberId: NotRequired[str | None]
    Id: NotRequired[str | None]
    InstanceType: NotRequired[str | None]
    AvailabilityZone: NotRequired[str | None]
    FrameworkAttributes: NotRequired[NodeFrameworkAttributes | None]
    LogPublishingConfiguration: NotRequired[NodeLogPublishingConfiguration | None]
    StateDB: NotRequired[str | None]
    Status: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    Tags: NotRequired[dict[str, str] | None]
    Arn: NotRequired[str | None]
    KmsKeyArn: NotRequired[str | None]
    StatusReason: NotRequired[str | None]


class NodeConfiguration(TypedDict):
    InstanceType: str
    AvailabilityZone: NotRequired[str]
    LogPublishingConfiguration: NotRequired[NodeLogPublishingConfiguration]
    StateDB: NotRequired[StateDBType]


class NodeEthereumAttributes(TypedDict):
    HttpEndpoint: NotRequired[str | None]
    WebSocketEndpoint: NotRequired[str | None]


class NodeFabricAttributes(TypedDict):
    PeerEndpoint: NotRequired[str | None]
    PeerEventEndpoint: NotRequired[str | None]


class NodeFabricLogPublishingConfiguration(TypedDict):
    ChaincodeLogs: NotRequired[LogConfigurations]
    PeerLogs: NotRequired[LogConfigurations]


class NodeFrameworkAttributes(TypedDict):
    Fabric: NotRequired[NodeFabricAttributes | None]
    Ethereum: NotRequired[NodeEthereumAttributes | None]


class NodeLogPublishingConfiguration(TypedDict):
    Fabric: NotRequired[NodeFabricLogPublishingConfiguration]


class NodeSummary(TypedDict):
    Id: NotRequired[str | None]
    Status: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    AvailabilityZone: NotRequired[str | None]
    InstanceType: NotRequired[str | None]
    Arn: NotRequired[str | None]


class Proposal(TypedDict):
    ProposalId: NotRequired[str | None]
    NetworkId: NotRequired[str | None]
    Description: NotRequired[str | None]
    Actions: NotRequired[ProposalActions | None]
    ProposedByMemberId: NotRequired[str | None]
    ProposedByMemberName: NotRequired[str | None]
    Status: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    ExpirationDate: NotRequired[datetime | None]
    YesVoteCount: NotRequired[int | None]
    NoVoteCount: NotRequired[int | None]
    OutstandingVoteCount: NotRequired[int | None]
    Tags: NotRequired[dict[str, str] | None]
    Arn: NotRequired[str | None]
    ProposedOperation: NotRequired[ProposedOperation | None]


class ProposalActions(TypedDict):
    Invitations: NotRequired[list[InviteAction]]
    Removals: NotRequired[list[RemoveAction]]


class ProposalSummary(TypedDict):
    ProposalId: NotRequired[str | None]
    Description: NotRequired[str | None]
    ProposedByMemberId: NotRequired[str | None]
    ProposedByMemberName: NotRequired[str | None]
    Status: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    ExpirationDate: NotRequired[datetime | None]
    Arn: NotRequired[str | None]


class ProposedOperation(TypedDict):
    OperationId: NotRequired[str | None]
    Action: NotRequired[str | None]
    Subject: NotRequired[str | None]
    Request: NotRequired[str | None]


class RejectInvitationInput(TypedDict):
    InvitationId: str


class RejectInvitationOutput(TypedDict):
    pass


class RemoveAction(TypedDict):
    MemberId: str


class TagResourceInput(TypedDict):
    ResourceArn: str
    Tags: dict[str, str]


class TagResourceOutput(TypedDict):
    pass


class UntagResourceInput(TypedDict):
    ResourceArn: str
    TagKeys: list[str]


class UntagResourceOutput(TypedDict):
    pass


class UpdateMemberInput(TypedDict):
    NetworkId: str
    MemberId: str
    LogPublishingConfiguration: NotRequired[MemberLogPublishingConfiguration]


class UpdateMemberOutput(TypedDict):
    pass


class UpdateNodeInput(TypedDict):
    NetworkId: str
    MemberId: NotRequired[str]
    NodeId: str
    LogPublishingConfiguration: NotRequired[NodeLogPublishingConfiguration]


class UpdateNodeOutput(TypedDict):
    pass


class VoteOnProposalInput(TypedDict):
    NetworkId: str
    ProposalId: str
    VoterMemberId: str
    Vote: VoteValue


class VoteOnProposalOutput(TypedDict):
    pass


class VoteSummary(TypedDict):
    Vote: NotRequired[str | None]
    MemberName: NotRequired[str | None]
    MemberId: NotRequired[str | None]


class VotingPolicy(TypedDict):
    ApprovalThresholdPolicy: NotRequired[ApprovalThresholdPolicy]


class ManagedBlockchainOperations(Protocol):
    """What an implementation of the API offers: a method for each operation."""

    def create_accessor(self, caller: Caller, request: CreateAccessorInput) -> CreateAccessorOutput:
        """POST /accessors."""
        ...

    def create_member(self, caller: Caller, request: CreateMemberInput) -> CreateMemberOutput:
        """POST /networks/{networkId}/members."""
        ...

    def create_network(self, caller: Caller, request: CreateNetworkInput) -> CreateNetworkOutput:
        """POST /networks."""
        ...

    def create_node(self, caller: Caller, request: CreateNodeInput) -> CreateNodeOutput:
        """POST /networks/{networkId}/nodes."""
        ...

    def create_proposal(self, caller: Caller, request: CreateProposalInput) -> CreateProposalOutput:
        """POST /networks/{networkId}/proposals."""
        ...

    def delete_accessor(self, caller: Caller, request: DeleteAccessorInput) -> DeleteAccessorOutput:
        """DELETE /accessors/{AccessorId}."""
        ...

    def delete_member(self, caller: Caller, request: DeleteMemberInput) -> DeleteMemberOutput:
        """DELETE /networks/{networkId}/members/{memberId}."""
        ...

    def delete_network(self, caller: Caller, request: DeleteNetworkInput) -> DeleteNetworkOutput:
        """DELETE /networks/{networkId}."""
        ...

    def delete_node(self, caller: Caller, request: DeleteNodeInput) -> DeleteNodeOutput:
        """DELETE /networks/{networkId}/nodes/{nodeId}."""
        ...

    def get_accessor(self, caller: Caller, request: GetAccessorInput) -> GetAccessorOutput:
        """GET /accessors/{AccessorId}."""
        ...

    def get_member(self, caller: Caller, request: GetMemberInput) -> GetMemberOutput:
        """GET /networks/{networkId}/members/{memberId}."""
        ...

    def get_network(self, caller: Caller, request: GetNetworkInput) -> GetNetworkOutput:
        """GET /networks/{networkId}."""
        ...

    def get_node(self, caller: Caller, request: GetNodeInput) -> GetNodeOutput:
        """GET /networks/{networkId}/nodes/{nodeId}."""
        ...

    def get_proposal(self, caller: Caller, request: GetProposalInput) -> GetProposalOutput:
        """GET /networks/{networkId}/proposals/{proposalId}."""
        ...

    def list_accessors(self, caller: Caller, request: ListAccessorsInput) -> ListAccessorsOutput:
        """GET /accessors."""
        ...

    def list_invitations(
        self, caller: Caller, request: ListInvitationsInput
    ) -> ListInvitationsOutput:
        """GET /invitations."""
        ...

    def list_members(self, caller: Caller, request: ListMembersInput) -> ListMembersOutput:
        """GET /networks/{networkId}/members."""
        ...

    def list_networks(self, caller: Caller, request: ListNetworksInput) -> ListNetworksOutput:
        """GET /networks."""
        ...

    def list_nodes(self, caller: Caller, request: ListNodesInput) -> ListNodesOutput:
        """GET /networks/{networkId}/nodes."""
        ...

    def list_proposal_votes(
        self, caller: Caller, request: ListProposalVotesInput
    ) -> ListProposalVotesOutput:
        """GET /networks/{networkId}/proposals/{proposalId}/votes."""
        ...

    def list_proposals(self, caller: Caller, request: ListProposalsInput) -> ListProposalsOutput:
        """GET /networks/{networkId}/proposals."""
        ...

    def list_tags_for_resource(
        self, caller: Caller, request: ListTagsForResourceInput
    ) -> ListTagsForResourceOutput:
        """GET /tags/{resourceArn}."""
        ...

    def reject_invitation(
        self, caller: Caller, request: RejectInvitationInput
    ) -> RejectInvitationOutput:
        """DELETE /invitations/{invitationId}."""
        ...

    def tag_resource(self, caller: Caller, request: TagResourceInput) -> TagResourceOutput:
        """POST /tags/{resourceArn}."""
        ...

    def untag_resource(self, caller: Caller, request: UntagResourceInput) -> UntagResourceOutput:
        """DELETE /tags/{resourceArn}."""
        ...

    def update_member(self, caller: Caller, request: UpdateMemberInput) -> UpdateMemberOutput:
        """PATCH /networks/{networkId}/members/{memberId}."""
        ...

    def update_node(self, caller: Caller, request: UpdateNodeInput) -> UpdateNodeOutput:
        """PATCH /networks/{networkId}/nodes/{nodeId}."""
        ...

    def vote_on_proposal(
        self, caller: Caller, request: VoteOnProposalInput
    ) -> VoteOnProposalOutput:
        """POST /networks/{networkId}/proposals/{proposalId}/votes."""
        ...
