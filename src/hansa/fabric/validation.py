"""What Fabric's validation codes mean, and what to do about each. Pure.

Source: ``TxValidationCode`` in Fabric's ``transaction.proto``, and "Read-Write set semantics" and
"Endorsement policies" in its documentation.
"""

from __future__ import annotations

_ASK_AGAIN = "submit it anew as a new transaction"
_MEANINGS = {
    "MVCC_READ_CONFLICT": (
        "something that it had read was written by another transaction before its turn came",
        f"Read again and {_ASK_AGAIN}; where it is often so, have several keys instead of one",
    ),
    "PHANTOM_READ_CONFLICT": (
        "a range of keys that it had read has changed before its turn came",
        f"Read again and {_ASK_AGAIN}; narrow the range if it happens often",
    ),
    "ENDORSEMENT_POLICY_FAILURE": (
        "the members that endorsed it do not satisfy an endorsement policy",
        f"Have them endorse and {_ASK_AGAIN}: InvokeChaincode finds them, if it is let",
    ),
    "DUPLICATE_TXID": (
        "a transaction with this id is in the ledger already",
        f"Look at the first one, and {_ASK_AGAIN} only if it is not what you want",
    ),
    "BAD_CREATOR_SIGNATURE": (
        "its signature is not one of a valid identity of a member of the channel",
        "See that its certificate is not expired or revoked, and its member is in the channel",
    ),
    "EXPIRED_CHAINCODE": (
        "it was endorsed by a version of the chaincode that is not in force any more",
        f"Have it endorsed by the version in force: {_ASK_AGAIN}",
    ),
    "CHAINCODE_VERSION_CONFLICT": (
        "it was endorsed by another version of the chaincode than the one in force",
        f"Have it endorsed by the version in force: {_ASK_AGAIN}",
    ),
    "INVALID_CHAINCODE": (
        "the channel has no definition of its chaincode",
        "Deploy the chaincode with DeployChaincode",
    ),
    "ILLEGAL_WRITESET": (
        "it writes what no chaincode may write",
        "Write only keys of the chaincode itself, or of chaincode that it calls",
    ),
    "INVALID_WRITESET": (
        "it writes a key that the ledger's database does not take",
        "Use keys in UTF-8 that are not empty, nor begin with an underscore",
    ),
    "INVALID_CONFIG_TRANSACTION": (
        "its change of the channel's configuration does not fit the configuration any more",
        "Make the change anew from the channel's present configuration",
    ),
    "NOT_VALIDATED": (
        "the peer has not looked at it yet",
        "Ask again in a moment",
    ),
}
_MALFORMED = (
    "it is not built as Fabric asks for",
    "See that the client that made it is a current one of Fabric",
)


def meaning(code: str) -> str:
    """Why a transaction with this code does not count; it follows a "because"."""
    return _MEANINGS.get(code, _MALFORMED)[0]


def remedy(code: str) -> str:
    """What to do, as a sentence without its full stop."""
    return _MEANINGS.get(code, _MALFORMED)[1]
