"""Types of the operations of ``hansafabric`` 2026-11-21.

Written by tools/generate_awsapi.py from the service model; do not edit. Member names are the
API's. In what only the service answers, ``None`` stands for a member without a value, and an
enumeration is a string.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NotRequired, Protocol, TypedDict

from hansa.domain.caller import Caller


Capability = Literal["V1_4_2", "V2_0", "V2_5"]
Language = Literal["ccaas", "golang", "java", "node", "python"]
OperationStatus = Literal["PENDING", "IN_PROGRESS", "SUCCEEDED", "FAILED", "CANCELLED"]
OperationStepStatus = Literal["PENDING", "IN_PROGRESS", "DONE", "FAILED"]


class ApproveChaincodeInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    MemberId: str
    Definition: ChaincodeDefinition
    PackageId: NotRequired[str]


class ApproveChaincodeOutput(TypedDict):
    OperationId: NotRequired[str | None]


class Batches(TypedDict):
    Timeout: NotRequired[str]
    MaxMessageCount: NotRequired[int]
    PreferredMaxBytes: NotRequired[int]
    AbsoluteMaxBytes: NotRequired[int]


class CancelOperationInput(TypedDict):
    OperationId: str


class CancelOperationOutput(TypedDict):
    pass


class Chaincode(TypedDict):
    Definition: NotRequired[ChaincodeDefinition | None]
    Approvals: NotRequired[dict[str, bool] | None]


class ChaincodeDefinition(TypedDict):
    Name: str
    Version: NotRequired[str]
    Sequence: NotRequired[int]
    EndorsementPolicy: NotRequired[str]
    InitRequired: NotRequired[bool]
    Collections: NotRequired[list[Collection]]


class Channel(TypedDict):
    Name: NotRequired[str | None]
    NetworkId: NotRequired[str | None]
    Height: NotRequired[int | None]
    ConfigSequence: NotRequired[int | None]
    Members: NotRequired[list[ChannelMember] | None]
    Nodes: NotRequired[list[ChannelNode] | None]
    Capability: NotRequired[str | None]
    Batches: NotRequired[Batches | None]
    Policies: NotRequired[dict[str, str] | None]
    Arn: NotRequired[str | None]


class ChannelMember(TypedDict):
    MemberId: NotRequired[str | None]
    AnchorPeers: NotRequired[list[str] | None]


class ChannelNode(TypedDict):
    NodeId: NotRequired[str | None]
    MemberId: NotRequired[str | None]
    Height: NotRequired[int | None]


class ChannelSummary(TypedDict):
    Name: NotRequired[str | None]
    Members: NotRequired[list[str] | None]
    Height: NotRequired[int | None]
    Arn: NotRequired[str | None]


class CheckCommitReadinessInput(TypedDict):
    NetworkId: str
    ChannelName: str
    MemberId: str
    Definition: ChaincodeDefinition


class CheckCommitReadinessOutput(TypedDict):
    Approvals: NotRequired[dict[str, bool] | None]


class Collection(TypedDict):
    Name: str
    MemberPolicy: str
    RequiredPeerCount: NotRequired[int]
    MaxPeerCount: NotRequired[int]
    BlockToLive: NotRequired[int]
    MemberOnlyRead: NotRequired[bool]
    MemberOnlyWrite: NotRequired[bool]
    EndorsementPolicy: NotRequired[str]


class CommitChaincodeInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    MemberId: str
    Definition: ChaincodeDefinition


class CommitChaincodeOutput(TypedDict):
    OperationId: NotRequired[str | None]


class CreateChannelInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    MemberId: str
    Name: str
    Members: NotRequired[list[str]]
    Capability: NotRequired[Capability]


class CreateChannelOutput(TypedDict):
    OperationId: NotRequired[str | None]


class DeployChaincodeInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    MemberId: str
    Definition: ChaincodeDefinition
    PackageId: str


class DeployChaincodeOutput(TypedDict):
    OperationId: NotRequired[str | None]


class GetChannelInput(TypedDict):
    NetworkId: str
    ChannelName: str


class GetChannelOutput(TypedDict):
    Channel: NotRequired[Channel | None]


class GetOperationInput(TypedDict):
    OperationId: str


class GetOperationOutput(TypedDict):
    Operation: NotRequired[Operation | None]


class InstallChaincodeInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    NodeId: str
    PackageId: str


class InstallChaincodeOutput(TypedDict):
    OperationId: NotRequired[str | None]


class InvokeChaincodeInput(TypedDict):
    NetworkId: str
    ChannelName: str
    ChaincodeName: str
    MemberId: str
    Function: str
    Arguments: NotRequired[list[str]]
    Transient: NotRequired[dict[str, bytes]]
    EndorsingMembers: NotRequired[list[str]]
    IsInit: NotRequired[bool]


class InvokeChaincodeOutput(TypedDict):
    TransactionId: NotRequired[str | None]
    Result: NotRequired[bytes | None]
    ResultText: NotRequired[str | None]
    BlockNumber: NotRequired[int | None]
    ValidationCode: NotRequired[str | None]


class JoinChannelInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    NodeId: str


class JoinChannelOutput(TypedDict):
    OperationId: NotRequired[str | None]


class ListChaincodesInput(TypedDict):
    NetworkId: str
    ChannelName: str
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]


class ListChaincodesOutput(TypedDict):
    Chaincodes: NotRequired[list[Chaincode] | None]
    NextToken: NotRequired[str | None]


class ListChannelsInput(TypedDict):
    NetworkId: str
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]


class ListChannelsOutput(TypedDict):
    Channels: NotRequired[list[ChannelSummary] | None]
    NextToken: NotRequired[str | None]


class ListOperationsInput(TypedDict):
    NetworkId: str
    Status: NotRequired[OperationStatus]
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]


class ListOperationsOutput(TypedDict):
    Operations: NotRequired[list[Operation] | None]
    NextToken: NotRequired[str | None]


class ListPackagesInput(TypedDict):
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]


class ListPackagesOutput(TypedDict):
    Packages: NotRequired[list[Package] | None]
    NextToken: NotRequired[str | None]


class Operation(TypedDict):
    Id: NotRequired[str | None]
    Action: NotRequired[str | None]
    NetworkId: NotRequired[str | None]
    MemberId: NotRequired[str | None]
    Subject: NotRequired[str | None]
    Status: NotRequired[str | None]
    StatusReason: NotRequired[str | None]
    Steps: NotRequired[list[OperationStep] | None]
    CreationDate: NotRequired[datetime | None]
    EndDate: NotRequired[datetime | None]
    Arn: NotRequired[str | None]


class OperationStep(TypedDict):
    Name: NotRequired[str | None]
    Status: NotRequired[str | None]
    Detail: NotRequired[str | None]


class Package(TypedDict):
    Id: NotRequired[str | None]
    Label: NotRequired[str | None]
    Language: NotRequired[str | None]
    Size: NotRequired[int | None]
    CreationDate: NotRequired[datetime | None]


class PackageChaincodeInput(TypedDict):
    Package: NotRequired[bytes]
    Code: NotRequired[bytes]
    Language: NotRequired[Language]
    Label: NotRequired[str]
    Path: NotRequired[str]


class PackageChaincodeOutput(TypedDict):
    PackageId: NotRequired[str | None]


class QueryChaincodeInput(TypedDict):
    NetworkId: str
    ChannelName: str
    ChaincodeName: str
    MemberId: str
    Function: str
    Arguments: NotRequired[list[str]]
    Transient: NotRequired[dict[str, bytes]]
    EndorsingMembers: NotRequired[list[str]]
    IsInit: NotRequired[bool]


class QueryChaincodeOutput(TypedDict):
    Result: NotRequired[bytes | None]
    ResultText: NotRequired[str | None]


class UpdateChannelInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    MemberId: str
    Batches: NotRequired[Batches]
    Capability: NotRequired[Capability]


class UpdateChannelOutput(TypedDict):
    OperationId: NotRequired[str | None]


class HansaFabricOperations(Protocol):
    """What an implementation of the API offers: a method for each operation."""

    def approve_chaincode(
        self, caller: Caller, request: ApproveChaincodeInput
    ) -> ApproveChaincodeOutput:
        """POST /networks/{networkId}/channels/{channelName}/approvals."""
        ...

    def cancel_operation(
        self, caller: Caller, request: CancelOperationInput
    ) -> CancelOperationOutput:
        """DELETE /operations/{operationId}."""
        ...

    def check_commit_readiness(
        self, caller: Caller, request: CheckCommitReadinessInput
    ) -> CheckCommitReadinessOutput:
        """POST /networks/{networkId}/channels/{channelName}/readiness."""
        ...

    def commit_chaincode(
        self, caller: Caller, request: CommitChaincodeInput
    ) -> CommitChaincodeOutput:
        """POST /networks/{networkId}/channels/{channelName}/commits."""
        ...

    def create_channel(self, caller: Caller, request: CreateChannelInput) -> CreateChannelOutput:
        """POST /networks/{networkId}/channels."""
        ...

    def deploy_chaincode(
        self, caller: Caller, request: DeployChaincodeInput
    ) -> DeployChaincodeOutput:
        """POST /networks/{networkId}/channels/{channelName}/chaincode."""
        ...

    def get_channel(self, caller: Caller, request: GetChannelInput) -> GetChannelOutput:
        """GET /networks/{networkId}/channels/{channelName}."""
        ...

    def get_operation(self, caller: Caller, request: GetOperationInput) -> GetOperationOutput:
        """GET /operations/{operationId}."""
        ...

    def install_chaincode(
        self, caller: Caller, request: InstallChaincodeInput
    ) -> InstallChaincodeOutput:
        """POST /networks/{networkId}/nodes/{nodeId}/chaincode."""
        ...

    def invoke_chaincode(
        self, caller: Caller, request: InvokeChaincodeInput
    ) -> InvokeChaincodeOutput:
        """POST /networks/{networkId}/channels/{channelName}/chaincode/{chaincodeName}/invocations."""
        ...

    def join_channel(self, caller: Caller, request: JoinChannelInput) -> JoinChannelOutput:
        """POST /networks/{networkId}/channels/{channelName}/nodes."""
        ...

    def list_chaincodes(self, caller: Caller, request: ListChaincodesInput) -> ListChaincodesOutput:
        """GET /networks/{networkId}/channels/{channelName}/chaincode."""
        ...

    def list_channels(self, caller: Caller, request: ListChannelsInput) -> ListChannelsOutput:
        """GET /networks/{networkId}/channels."""
        ...

    def list_operations(self, caller: Caller, request: ListOperationsInput) -> ListOperationsOutput:
        """GET /networks/{networkId}/operations."""
        ...

    def list_packages(self, caller: Caller, request: ListPackagesInput) -> ListPackagesOutput:
        """GET /packages."""
        ...

    def package_chaincode(
        self, caller: Caller, request: PackageChaincodeInput
    ) -> PackageChaincodeOutput:
        """POST /packages."""
        ...

    def query_chaincode(self, caller: Caller, request: QueryChaincodeInput) -> QueryChaincodeOutput:
        """POST /networks/{networkId}/channels/{channelName}/chaincode/{chaincodeName}/queries."""
        ...

    def update_channel(self, caller: Caller, request: UpdateChannelInput) -> UpdateChannelOutput:
        """PATCH /networks/{networkId}/channels/{channelName}."""
        ...
