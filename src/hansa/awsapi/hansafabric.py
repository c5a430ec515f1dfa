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
OperationStatus = Literal["PENDING", "IN_PROGRESS", "SUCCEEDED", "FAILED", "CANCELLED"]
OperationStepStatus = Literal["PENDING", "IN_PROGRESS", "DONE", "FAILED"]


class Batches(TypedDict):
    Timeout: NotRequired[str]
    MaxMessageCount: NotRequired[int]
    PreferredMaxBytes: NotRequired[int]
    AbsoluteMaxBytes: NotRequired[int]


class CancelOperationInput(TypedDict):
    OperationId: str


class CancelOperationOutput(TypedDict):
    pass


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


class CreateChannelInput(TypedDict):
    ClientRequestToken: NotRequired[str]
    NetworkId: str
    MemberId: str
    Name: str
    Members: NotRequired[list[str]]
    Capability: NotRequired[Capability]


class CreateChannelOutput(TypedDict):
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


class JoinChannelInput(TypedDict):
    ClientRequestToken: NotRequired[str]
    NetworkId: str
    ChannelName: str
    NodeId: str


class JoinChannelOutput(TypedDict):
    OperationId: NotRequired[str | None]


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


class UpdateChannelInput(TypedDict):
    ClientRequestToken: NotRequired[str]
    NetworkId: str
    ChannelName: str
    MemberId: str
    Batches: NotRequired[Batches]
    Capability: NotRequired[Capability]


class UpdateChannelOutput(TypedDict):
    OperationId: NotRequired[str | None]


class HansaFabricOperations(Protocol):
    """What an implementation of the API offers: a method for each operation."""

    def cancel_operation(
        self, caller: Caller, request: CancelOperationInput
    ) -> CancelOperationOutput:
        """DELETE /operations/{operationId}."""
        ...

    def create_channel(self, caller: Caller, request: CreateChannelInput) -> CreateChannelOutput:
        """POST /networks/{networkId}/channels."""
        ...

    def get_channel(self, caller: Caller, request: GetChannelInput) -> GetChannelOutput:
        """GET /networks/{networkId}/channels/{channelName}."""
        ...

    def get_operation(self, caller: Caller, request: GetOperationInput) -> GetOperationOutput:
        """GET /operations/{operationId}."""
        ...

    def join_channel(self, caller: Caller, request: JoinChannelInput) -> JoinChannelOutput:
        """POST /networks/{networkId}/channels/{channelName}/nodes."""
        ...

    def list_channels(self, caller: Caller, request: ListChannelsInput) -> ListChannelsOutput:
        """GET /networks/{networkId}/channels."""
        ...

    def list_operations(self, caller: Caller, request: ListOperationsInput) -> ListOperationsOutput:
        """GET /networks/{networkId}/operations."""
        ...

    def update_channel(self, caller: Caller, request: UpdateChannelInput) -> UpdateChannelOutput:
        """PATCH /networks/{networkId}/channels/{channelName}."""
        ...
