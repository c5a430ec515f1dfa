"""Tags of channels, of chaincode in them, and of packages: each account has its own."""

from __future__ import annotations

from collections.abc import Callable

from hansa.awsapi import hansafabric as api
from hansa.domain.caller import Caller
from hansa.domain.errors import InvalidRequestError
from hansa.domain.fabric_arns import FabricArn, parse_fabric_arn
from hansa.operations.channel_requests import ChannelRequests
from hansa.operations.context import OperationContext
from hansa.operations.lookups import not_found
from hansa.operations.tags import check_tags
from hansa.store.packages import get_package
from hansa.store.tags import get_tags, put_tags, remove_tags

ListChaincodes = Callable[[Caller, api.ListChaincodesInput], api.ListChaincodesOutput]


class FabricTags:
    """TagResource, UntagResource, ListTagsForResource."""

    def __init__(
        self, context: OperationContext, channels: ChannelRequests, list_chaincodes: ListChaincodes
    ) -> None:
        self._context = context
        self._channels = channels
        self._list_chaincodes = list_chaincodes

    def tag(self, caller: Caller, request: api.TagResourceInput) -> api.TagResourceOutput:
        key = self._resolve(caller, request["ResourceArn"])
        with self._context.store.write() as session:
            kept = set(get_tags(session, key)) - set(request["Tags"])
            check_tags(request["Tags"], len(kept))
            put_tags(session, key, request["Tags"])
        return {}

    def untag(self, caller: Caller, request: api.UntagResourceInput) -> api.UntagResourceOutput:
        key = self._resolve(caller, request["ResourceArn"])
        with self._context.store.write() as session:
            remove_tags(session, key, request["TagKeys"])
        return {}

    def list(
        self, caller: Caller, request: api.ListTagsForResourceInput
    ) -> api.ListTagsForResourceOutput:
        key = self._resolve(caller, request["ResourceArn"])
        with self._context.store.read() as session:
            return {"Tags": get_tags(session, key)}

    def _resolve(self, caller: Caller, text: str) -> str:
        """What the tags are kept under, if the caller sees what the ARN names."""
        arn = parse_fabric_arn(text)
        if arn is None:
            raise InvalidRequestError(
                "Value at 'resourceArn' is not valid: it is not the ARN of a channel, of chaincode "
                "in a channel, or of a package of hansafabric"
            )
        owner = caller.account_id if arn.package_id else ""
        if (arn.region, arn.account_id) != (caller.region, owner):
            raise not_found("Resource", text)
        if arn.package_id:
            self._check_package(caller, arn, text)
        else:
            self._channels.find(caller, arn.network_id, arn.channel)
        if arn.chaincode and not self._is_in_force(caller, arn):
            raise not_found("Resource", text)
        return arn.tag_key(caller.account_id)

    def _check_package(self, caller: Caller, arn: FabricArn, text: str) -> None:
        with self._context.store.read() as session:
            if get_package(session, caller.account_id, arn.package_id) is None:
                raise not_found("Resource", text)

    def _is_in_force(self, caller: Caller, arn: FabricArn) -> bool:
        asked: api.ListChaincodesInput = {"NetworkId": arn.network_id, "ChannelName": arn.channel}
        while True:
            answer = self._list_chaincodes(caller, asked)
            definitions = [c.get("Definition") for c in answer.get("Chaincodes") or []]
            if any(found and found["Name"] == arn.chaincode for found in definitions):
                return True
            token = answer.get("NextToken")
            if not token:
                return False
            asked["NextToken"] = token
