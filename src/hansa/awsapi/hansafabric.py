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
IdentityStatus = Literal["ACTIVE", "REVOKED"]
IdentityType = Literal["admin", "client", "peer"]
Language = Literal["ccaas", "golang", "java", "node", "python"]
LogSource = Literal["OUTPUT", "BUILD"]
OperationStatus = Literal[
    "AWAITING_APPROVAL",
    "PENDING",
    "IN_PROGRESS",
    "SUCCEEDED",
    "FAILED",
    "CANCELLED",
]
OperationStepStatus = Literal["PENDING", "IN_PROGRESS", "DONE", "FAILED"]
PreviewOutcome = Literal["AT_ONCE", "PROPOSAL", "NO_CHANGE", "REFUSED"]


class AddChannelMemberInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    MemberId: str
    AddedMemberId: str
    DryRun: NotRequired[bool]


class AddChannelMemberOutput(TypedDict):
    OperationId: NotRequired[str | None]
    ProposalId: NotRequired[str | None]
    Preview: NotRequired[ChannelPreview | None]


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


class Block(TypedDict):
    Number: NotRequired[int | None]
    Hash: NotRequired[str | None]
    PreviousHash: NotRequired[str | None]
    DataHash: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    TransactionCount: NotRequired[int | None]
    InvalidCount: NotRequired[int | None]
    Transactions: NotRequired[list[TransactionSummary] | None]


class BlockSummary(TypedDict):
    Number: NotRequired[int | None]
    Hash: NotRequired[str | None]
    PreviousHash: NotRequired[str | None]
    DataHash: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    TransactionCount: NotRequired[int | None]
    InvalidCount: NotRequired[int | None]


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


class ChaincodeMetrics(TypedDict):
    NodeId: NotRequired[str | None]
    MemberId: NotRequired[str | None]
    Calls: NotRequired[int | None]
    FailedCalls: NotRequired[int | None]
    CallSeconds: NotRequired[float | None]
    StateRequests: NotRequired[int | None]
    Starts: NotRequired[int | None]
    FailedStarts: NotRequired[int | None]
    Timeouts: NotRequired[int | None]
    Transactions: NotRequired[dict[str, int] | None]


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
    Acls: NotRequired[dict[str, str] | None]
    Consenters: NotRequired[list[str] | None]
    Tags: NotRequired[dict[str, str] | None]
    Arn: NotRequired[str | None]


class ChannelAgreement(TypedDict):
    Policies: NotRequired[list[str] | None]
    Members: NotRequired[list[str] | None]
    Indispensable: NotRequired[list[str] | None]
    Needed: NotRequired[int | None]
    Own: NotRequired[list[str] | None]


class ChannelDifference(TypedDict):
    Path: NotRequired[str | None]
    Before: NotRequired[str | None]
    After: NotRequired[str | None]


class ChannelMember(TypedDict):
    MemberId: NotRequired[str | None]
    AnchorPeers: NotRequired[list[str] | None]


class ChannelNode(TypedDict):
    NodeId: NotRequired[str | None]
    MemberId: NotRequired[str | None]
    Height: NotRequired[int | None]


class ChannelPreview(TypedDict):
    Outcome: NotRequired[str | None]
    Differences: NotRequired[list[ChannelDifference] | None]
    Agreement: NotRequired[ChannelAgreement | None]
    Unsatisfiable: NotRequired[list[UnsatisfiablePolicy] | None]
    Unchecked: NotRequired[str | None]
    Quorum: NotRequired[ChannelQuorum | None]


class ChannelQuorum(TypedDict):
    Consenters: NotRequired[int | None]
    Needed: NotRequired[int | None]
    Running: NotRequired[int | None]
    ToleratesLoss: NotRequired[bool | None]
    Refusal: NotRequired[str | None]


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


class CollectionHashes(TypedDict):
    Name: NotRequired[str | None]
    Hash: NotRequired[str | None]
    Reads: NotRequired[list[HashedRead] | None]
    Writes: NotRequired[list[HashedWrite] | None]


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
    Tags: NotRequired[dict[str, str]]
    DryRun: NotRequired[bool]


class CreateChannelOutput(TypedDict):
    OperationId: NotRequired[str | None]
    Preview: NotRequired[ChannelPreview | None]


class DeployChaincodeInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    MemberId: str
    Definition: ChaincodeDefinition
    PackageId: str
    InitArguments: NotRequired[list[str]]
    Propose: NotRequired[bool]


class DeployChaincodeOutput(TypedDict):
    OperationId: NotRequired[str | None]
    ProposalId: NotRequired[str | None]


class EnrollIdentityInput(TypedDict):
    NetworkId: str
    MemberId: str
    Name: str
    Secret: str
    CertificateSigningRequest: str


class EnrollIdentityOutput(TypedDict):
    Certificate: NotRequired[str | None]
    CaChain: NotRequired[str | None]
    MspId: NotRequired[str | None]


class GetBlockInput(TypedDict):
    NetworkId: str
    ChannelName: str
    BlockNumber: NotRequired[int]


class GetBlockOutput(TypedDict):
    Block: NotRequired[Block | None]


class GetChaincodeLogsInput(TypedDict):
    NetworkId: str
    ChannelName: str
    ChaincodeName: str
    NodeId: str
    Source: NotRequired[LogSource]
    MaxLines: NotRequired[int]
    Position: NotRequired[str]


class GetChaincodeLogsOutput(TypedDict):
    Lines: NotRequired[list[str] | None]
    NextPosition: NotRequired[str | None]
    PackageId: NotRequired[str | None]


class GetChaincodeMetricsInput(TypedDict):
    NetworkId: str
    ChannelName: str
    ChaincodeName: str


class GetChaincodeMetricsOutput(TypedDict):
    Nodes: NotRequired[list[ChaincodeMetrics] | None]


class GetChannelInput(TypedDict):
    NetworkId: str
    ChannelName: str


class GetChannelOutput(TypedDict):
    Channel: NotRequired[Channel | None]


class GetOperationInput(TypedDict):
    OperationId: str


class GetOperationOutput(TypedDict):
    Operation: NotRequired[Operation | None]


class GetPackageInput(TypedDict):
    PackageId: str


class GetPackageOutput(TypedDict):
    Package: NotRequired[Package | None]
    Content: NotRequired[bytes | None]


class GetTransactionInput(TypedDict):
    NetworkId: str
    ChannelName: str
    TransactionId: str


class GetTransactionOutput(TypedDict):
    Transaction: NotRequired[Transaction | None]


class HashedRead(TypedDict):
    KeyHash: NotRequired[str | None]
    Version: NotRequired[LedgerVersion | None]


class HashedWrite(TypedDict):
    KeyHash: NotRequired[str | None]
    ValueHash: NotRequired[str | None]
    IsDelete: NotRequired[bool | None]
    IsPurge: NotRequired[bool | None]


class Identity(TypedDict):
    Name: NotRequired[str | None]
    Type: NotRequired[str | None]
    Attributes: NotRequired[list[IdentityAttribute] | None]
    Status: NotRequired[str | None]
    MaxEnrollments: NotRequired[int | None]
    Arn: NotRequired[str | None]


class IdentityAttribute(TypedDict):
    Name: str
    Value: str
    InCertificate: NotRequired[bool]


class InstallChaincodeInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    NodeId: str
    PackageId: str
    LegacyName: NotRequired[str]
    LegacyVersion: NotRequired[str]


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
    ClientRequestToken: NotRequired[str]


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


class LeaveChannelInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    NodeId: str


class LeaveChannelOutput(TypedDict):
    OperationId: NotRequired[str | None]


class LedgerIdentity(TypedDict):
    MemberId: NotRequired[str | None]
    Subject: NotRequired[str | None]


class LedgerRange(TypedDict):
    StartKey: NotRequired[str | None]
    EndKey: NotRequired[str | None]
    Reads: NotRequired[list[LedgerRead] | None]


class LedgerRead(TypedDict):
    Key: NotRequired[str | None]
    Version: NotRequired[LedgerVersion | None]


class LedgerValue(TypedDict):
    Text: NotRequired[str | None]
    Data: NotRequired[bytes | None]


class LedgerVersion(TypedDict):
    BlockNumber: NotRequired[int | None]
    Position: NotRequired[int | None]


class LedgerWrite(TypedDict):
    Key: NotRequired[str | None]
    IsDelete: NotRequired[bool | None]
    Value: NotRequired[LedgerValue | None]


class ListBlocksInput(TypedDict):
    NetworkId: str
    ChannelName: str
    FirstBlock: NotRequired[int]
    LastBlock: NotRequired[int]
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]


class ListBlocksOutput(TypedDict):
    Blocks: NotRequired[list[BlockSummary] | None]
    NextToken: NotRequired[str | None]


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


class ListIdentitiesInput(TypedDict):
    NetworkId: str
    MemberId: str
    MaxResults: NotRequired[int]
    NextToken: NotRequired[str]


class ListIdentitiesOutput(TypedDict):
    Identities: NotRequired[list[Identity] | None]
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


class ListTagsForResourceInput(TypedDict):
    ResourceArn: str


class ListTagsForResourceOutput(TypedDict):
    Tags: NotRequired[dict[str, str] | None]


class Operation(TypedDict):
    Id: NotRequired[str | None]
    Action: NotRequired[str | None]
    NetworkId: NotRequired[str | None]
    MemberId: NotRequired[str | None]
    Subject: NotRequired[str | None]
    Request: NotRequired[str | None]
    ProposalId: NotRequired[str | None]
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
    Arn: NotRequired[str | None]


class PackageChaincodeInput(TypedDict):
    Package: NotRequired[bytes]
    Code: NotRequired[bytes]
    Language: NotRequired[Language]
    Label: NotRequired[str]
    Path: NotRequired[str]
    Tags: NotRequired[dict[str, str]]


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


class ReadWriteSet(TypedDict):
    Namespace: NotRequired[str | None]
    Reads: NotRequired[list[LedgerRead] | None]
    RangeReads: NotRequired[list[LedgerRange] | None]
    Writes: NotRequired[list[LedgerWrite] | None]
    PolicyWrites: NotRequired[list[str] | None]
    Collections: NotRequired[list[CollectionHashes] | None]


class RegisterIdentityInput(TypedDict):
    NetworkId: str
    MemberId: str
    Name: str
    Type: NotRequired[IdentityType]
    Attributes: NotRequired[list[IdentityAttribute]]
    MaxEnrollments: NotRequired[int]
    Secret: NotRequired[str]


class RegisterIdentityOutput(TypedDict):
    Name: NotRequired[str | None]
    Secret: NotRequired[str | None]
    Arn: NotRequired[str | None]


class RemoveChannelMemberInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    MemberId: str
    RemovedMemberId: str
    DryRun: NotRequired[bool]


class RemoveChannelMemberOutput(TypedDict):
    OperationId: NotRequired[str | None]
    ProposalId: NotRequired[str | None]
    Preview: NotRequired[ChannelPreview | None]


class RevokeIdentityInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    MemberId: str
    Name: str


class RevokeIdentityOutput(TypedDict):
    OperationId: NotRequired[str | None]


class SetAnchorPeersInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    MemberId: str
    NodeIds: list[str]
    DryRun: NotRequired[bool]


class SetAnchorPeersOutput(TypedDict):
    OperationId: NotRequired[str | None]
    Preview: NotRequired[ChannelPreview | None]


class SetConsentersInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    MemberId: str
    Consenters: list[str]
    DryRun: NotRequired[bool]


class SetConsentersOutput(TypedDict):
    OperationId: NotRequired[str | None]
    ProposalId: NotRequired[str | None]
    Preview: NotRequired[ChannelPreview | None]


class TagResourceInput(TypedDict):
    ResourceArn: str
    Tags: dict[str, str]


class TagResourceOutput(TypedDict):
    pass


class Transaction(TypedDict):
    TransactionId: NotRequired[str | None]
    Type: NotRequired[str | None]
    ValidationCode: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    Creator: NotRequired[LedgerIdentity | None]
    ChaincodeName: NotRequired[str | None]
    Function: NotRequired[str | None]
    BlockNumber: NotRequired[int | None]
    Position: NotRequired[int | None]
    ChaincodeVersion: NotRequired[str | None]
    Arguments: NotRequired[list[LedgerValue] | None]
    Response: NotRequired[TransactionResponse | None]
    Endorsers: NotRequired[list[LedgerIdentity] | None]
    ReadWriteSets: NotRequired[list[ReadWriteSet] | None]
    Event: NotRequired[TransactionEvent | None]
    Explanation: NotRequired[str | None]


class TransactionEvent(TypedDict):
    Name: NotRequired[str | None]
    Payload: NotRequired[LedgerValue | None]


class TransactionResponse(TypedDict):
    Status: NotRequired[int | None]
    Message: NotRequired[str | None]
    Payload: NotRequired[LedgerValue | None]


class TransactionSummary(TypedDict):
    TransactionId: NotRequired[str | None]
    Type: NotRequired[str | None]
    ValidationCode: NotRequired[str | None]
    CreationDate: NotRequired[datetime | None]
    Creator: NotRequired[LedgerIdentity | None]
    ChaincodeName: NotRequired[str | None]
    Function: NotRequired[str | None]


class UnsatisfiablePolicy(TypedDict):
    Where: NotRequired[str | None]
    Policy: NotRequired[str | None]
    Missing: NotRequired[str | None]


class UntagResourceInput(TypedDict):
    ResourceArn: str
    TagKeys: list[str]


class UntagResourceOutput(TypedDict):
    pass


class UpdateChannelInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    MemberId: str
    Batches: NotRequired[Batches]
    Capability: NotRequired[Capability]
    Policies: NotRequired[dict[str, str]]
    Acls: NotRequired[dict[str, str]]
    DryRun: NotRequired[bool]


class UpdateChannelOutput(TypedDict):
    OperationId: NotRequired[str | None]
    ProposalId: NotRequired[str | None]
    Preview: NotRequired[ChannelPreview | None]


class UpgradeChaincodeInput(TypedDict):
    ClientRequestToken: str
    NetworkId: str
    ChannelName: str
    MemberId: str
    Definition: ChaincodeDefinition
    PackageId: str
    InitArguments: NotRequired[list[str]]
    Propose: NotRequired[bool]


class UpgradeChaincodeOutput(TypedDict):
    OperationId: NotRequired[str | None]
    ProposalId: NotRequired[str | None]


class HansaFabricOperations(Protocol):
    """What an implementation of the API offers: a method for each operation."""

    def add_channel_member(
        self, caller: Caller, request: AddChannelMemberInput
    ) -> AddChannelMemberOutput:
        """POST /networks/{networkId}/channels/{channelName}/members."""
        ...

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

    def enroll_identity(self, caller: Caller, request: EnrollIdentityInput) -> EnrollIdentityOutput:
        """POST /networks/{networkId}/members/{memberId}/identities/{name}/certificates."""
        ...

    def get_block(self, caller: Caller, request: GetBlockInput) -> GetBlockOutput:
        """GET /networks/{networkId}/channels/{channelName}/block."""
        ...

    def get_chaincode_logs(
        self, caller: Caller, request: GetChaincodeLogsInput
    ) -> GetChaincodeLogsOutput:
        """GET /networks/{networkId}/channels/{channelName}/chaincode/{chaincodeName}/logs."""
        ...

    def get_chaincode_metrics(
        self, caller: Caller, request: GetChaincodeMetricsInput
    ) -> GetChaincodeMetricsOutput:
        """GET /networks/{networkId}/channels/{channelName}/chaincode/{chaincodeName}/metrics."""
        ...

    def get_channel(self, caller: Caller, request: GetChannelInput) -> GetChannelOutput:
        """GET /networks/{networkId}/channels/{channelName}."""
        ...

    def get_operation(self, caller: Caller, request: GetOperationInput) -> GetOperationOutput:
        """GET /operations/{operationId}."""
        ...

    def get_package(self, caller: Caller, request: GetPackageInput) -> GetPackageOutput:
        """GET /packages/{packageId}."""
        ...

    def get_transaction(self, caller: Caller, request: GetTransactionInput) -> GetTransactionOutput:
        """GET /networks/{networkId}/channels/{channelName}/transactions/{transactionId}."""
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

    def leave_channel(self, caller: Caller, request: LeaveChannelInput) -> LeaveChannelOutput:
        """DELETE /networks/{networkId}/channels/{channelName}/nodes/{nodeId}."""
        ...

    def list_blocks(self, caller: Caller, request: ListBlocksInput) -> ListBlocksOutput:
        """GET /networks/{networkId}/channels/{channelName}/blocks."""
        ...

    def list_chaincodes(self, caller: Caller, request: ListChaincodesInput) -> ListChaincodesOutput:
        """GET /networks/{networkId}/channels/{channelName}/chaincode."""
        ...

    def list_channels(self, caller: Caller, request: ListChannelsInput) -> ListChannelsOutput:
        """GET /networks/{networkId}/channels."""
        ...

    def list_identities(self, caller: Caller, request: ListIdentitiesInput) -> ListIdentitiesOutput:
        """GET /networks/{networkId}/members/{memberId}/identities."""
        ...

    def list_operations(self, caller: Caller, request: ListOperationsInput) -> ListOperationsOutput:
        """GET /networks/{networkId}/operations."""
        ...

    def list_packages(self, caller: Caller, request: ListPackagesInput) -> ListPackagesOutput:
        """GET /packages."""
        ...

    def list_tags_for_resource(
        self, caller: Caller, request: ListTagsForResourceInput
    ) -> ListTagsForResourceOutput:
        """GET /tags/{resourceArn}."""
        ...

    def package_chaincode(
        self, caller: Caller, request: PackageChaincodeInput
    ) -> PackageChaincodeOutput:
        """POST /packages."""
        ...

    def query_chaincode(self, caller: Caller, request: QueryChaincodeInput) -> QueryChaincodeOutput:
        """POST /networks/{networkId}/channels/{channelName}/chaincode/{chaincodeName}/queries."""
        ...

    def register_identity(
        self, caller: Caller, request: RegisterIdentityInput
    ) -> RegisterIdentityOutput:
        """POST /networks/{networkId}/members/{memberId}/identities."""
        ...

    def remove_channel_member(
        self, caller: Caller, request: RemoveChannelMemberInput
    ) -> RemoveChannelMemberOutput:
        """DELETE /networks/{networkId}/channels/{channelName}/members/{removedMemberId}."""
        ...

    def revoke_identity(self, caller: Caller, request: RevokeIdentityInput) -> RevokeIdentityOutput:
        """POST /networks/{networkId}/members/{memberId}/identities/{name}/revocations."""
        ...

    def set_anchor_peers(
        self, caller: Caller, request: SetAnchorPeersInput
    ) -> SetAnchorPeersOutput:
        """PUT /networks/{networkId}/channels/{channelName}/members/{memberId}/anchor-peers."""
        ...

    def set_consenters(self, caller: Caller, request: SetConsentersInput) -> SetConsentersOutput:
        """PUT /networks/{networkId}/channels/{channelName}/consenters."""
        ...

    def tag_resource(self, caller: Caller, request: TagResourceInput) -> TagResourceOutput:
        """POST /tags/{resourceArn}."""
        ...

    def untag_resource(self, caller: Caller, request: UntagResourceInput) -> UntagResourceOutput:
        """DELETE /tags/{resourceArn}."""
        ...

    def update_channel(self, caller: Caller, request: UpdateChannelInput) -> UpdateChannelOutput:
        """PATCH /networks/{networkId}/channels/{channelName}."""
        ...

    def upgrade_chaincode(
        self, caller: Caller, request: UpgradeChaincodeInput
    ) -> UpgradeChaincodeOutput:
        """PUT /networks/{networkId}/channels/{channelName}/chaincode."""
        ...
