"""ARNs of ``hansafabric``, read."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ARN = re.compile(
    r"arn:aws:hansafabric:(?P<region>[^:]*):(?P<account>[^:]*):"
    r"(?:channels/(?P<network>[^/]+)/(?P<channel>[^/]+)(?:/chaincode/(?P<chaincode>[^/]+))?"
    r"|packages/(?P<package>[^/]+))\Z"
)


@dataclass(frozen=True)
class FabricArn:
    """What can have tags: a channel, ``chaincode`` in one, or a ``package``; the rest is empty."""

    region: str
    account_id: str
    network_id: str
    channel: str
    chaincode: str
    package_id: str

    def tag_key(self, account_id: str) -> str:
        """See :func:`tag_key`."""
        path = (self.network_id, self.channel, self.chaincode, self.package_id)
        return tag_key(account_id, *(part for part in path if part))


def tag_key(account_id: str, *path: str) -> str:
    """What the tags that an account has given are kept under.

    ``path`` is a network, a channel and perhaps a chaincode of it; or a package. Members of a
    channel do not see each other's tags: which policies look at them is the business of who gave
    them.
    """
    return "/".join((account_id, *path))


def parse_fabric_arn(arn: str) -> FabricArn | None:
    """None for anything else."""
    match = _ARN.match(arn)
    if match is None:
        return None
    return FabricArn(
        match["region"],
        match["account"],
        match["network"] or "",
        match["channel"] or "",
        match["chaincode"] or "",
        match["package"] or "",
    )
