"""Blocks and transactions of a ledger, spelt as the API does."""

from __future__ import annotations

from hansa.awsapi import hansafabric as api
from hansa.fabric.blocks import (
    Action,
    Block,
    CollectionHashes,
    Namespace,
    Party,
    Read,
    Transaction,
    Version,
)
from hansa.fabric.transactions import VALID


def as_text(content: bytes) -> str | None:
    """The content where it is UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def block_summary(block: Block) -> api.BlockSummary:
    return {
        "Number": block.number,
        "Hash": block.digest.hex(),
        "PreviousHash": block.previous.hex(),
        "DataHash": block.data_digest.hex(),
        "CreationDate": block.time,
        "TransactionCount": len(block.transactions),
        "InvalidCount": sum(each.code != VALID for each in block.transactions),
    }


def block_details(block: Block) -> api.Block:
    return {
        **block_summary(block),
        "Transactions": [_summary(each) for each in block.transactions],
    }


def transaction_details(transaction: Transaction, explanation: str) -> api.Transaction:
    """All of a transaction; what calls no chaincode has no call, answer, or event."""
    action = transaction.action
    return {
        **_summary(transaction),
        "BlockNumber": transaction.version.block,
        "Position": transaction.version.transaction,
        "ChaincodeVersion": None if action is None else action.chaincode_version,
        "Arguments": [_value(each) for each in action.arguments[1:]] if action else [],
        "Response": None if action is None else _response(action),
        "Endorsers": [_party(each) for each in action.endorsers] if action else [],
        "ReadWriteSets": [_namespace(each) for each in action.namespaces] if action else [],
        "Event": None if action is None else _event(action),
        "Explanation": explanation,
    }


def _response(action: Action) -> api.TransactionResponse:
    return {
        "Status": action.status,
        "Message": action.message,
        "Payload": _value(action.payload),
    }


def _event(action: Action) -> api.TransactionEvent | None:
    if action.event is None:
        return None
    return {"Name": action.event.name, "Payload": _value(action.event.payload)}


def _summary(transaction: Transaction) -> api.TransactionSummary:
    action, creator = transaction.action, transaction.creator
    return {
        "TransactionId": transaction.transaction_id,
        "Type": transaction.kind,
        "ValidationCode": transaction.code,
        "CreationDate": transaction.time,
        "Creator": None if creator is None else _party(creator),
        "ChaincodeName": None if action is None else action.chaincode,
        "Function": transaction.function or None,
    }


def _party(party: Party) -> api.LedgerIdentity:
    return {"MemberId": party.member_id, "Subject": party.subject}


def _value(content: bytes) -> api.LedgerValue:
    text = as_text(content)
    return {"Data": content} if text is None else {"Text": text}


def _version(version: Version | None) -> api.LedgerVersion | None:
    if version is None:
        return None
    return {"BlockNumber": version.block, "Position": version.transaction}


def _read(read: Read) -> api.LedgerRead:
    return {"Key": read.key, "Version": _version(read.version)}


def _namespace(namespace: Namespace) -> api.ReadWriteSet:
    return {
        "Namespace": namespace.name,
        "Reads": [_read(each) for each in namespace.reads],
        "RangeReads": [
            {
                "StartKey": each.start,
                "EndKey": each.end,
                "Reads": [_read(found) for found in each.found or ()],
            }
            for each in namespace.ranges
        ],
        "Writes": [
            {"Key": each.key, "IsDelete": each.is_delete, "Value": _value(each.value)}
            for each in namespace.writes
        ],
        "PolicyWrites": [*namespace.guarded],
        "Collections": [_collection(each) for each in namespace.collections],
    }


def _collection(collection: CollectionHashes) -> api.CollectionHashes:
    return {
        "Name": collection.name,
        "Hash": collection.digest.hex(),
        "Reads": [
            {"KeyHash": each.key_hash.hex(), "Version": _version(each.version)}
            for each in collection.reads
        ],
        "Writes": [
            {
                "KeyHash": each.key_hash.hex(),
                "ValueHash": each.value_hash.hex(),
                "IsDelete": each.is_delete,
                "IsPurge": each.is_purge,
            }
            for each in collection.writes
        ],
    }
