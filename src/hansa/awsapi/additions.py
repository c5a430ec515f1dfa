"""What Hansa adds to AWS's model of ``managedblockchain``: for the service and for its clients.

The service merges these into the model that it answers; the overlay brings them to AWS's clients.
"""

from __future__ import annotations

from typing import Any

STATUS_REASON = "StatusReason"
"""The member that says why a resource is CREATE_FAILED or FAILED. AWS's clients skip it."""

_WITH_REASON: dict[str, Any] = {
    "members": {
        STATUS_REASON: {
            "shape": "String",
            "documentation": "<p>Why the status is what it is, where something failed.</p>",
        }
    }
}

PROPOSED_OPERATION = "ProposedOperation"
"""The member of a proposal that says which operation of ``hansafabric`` it is about, if any."""

OPERATIONS: dict[str, Any] = {
    "DeleteNetwork": {
        "name": "DeleteNetwork",
        "http": {"method": "DELETE", "requestUri": "/networks/{networkId}"},
        "input": {"shape": "DeleteNetworkInput"},
        "output": {"shape": "DeleteNetworkOutput"},
        "errors": [
            {"shape": "InvalidRequestException"},
            {"shape": "AccessDeniedException"},
            {"shape": "ResourceNotFoundException"},
            {"shape": "ResourceNotReadyException"},
            {"shape": "ThrottlingException"},
            {"shape": "InternalServiceErrorException"},
        ],
        "documentation": (
            "<p>Deletes a network that has no members. A network is deleted together with its last "
            "member, so that after <code>DeleteMember</code> of the last one there is nothing left "
            "to delete.</p><p>An addition to Amazon's API by Hansa.</p>"
        ),
    },
}

SHAPES: dict[str, Any] = {
    "Network": _WITH_REASON,
    "Member": _WITH_REASON,
    "Node": _WITH_REASON,
    "Proposal": {
        "members": {
            PROPOSED_OPERATION: {
                "shape": PROPOSED_OPERATION,
                "documentation": (
                    "<p>What is done once the proposal is approved, where that is neither an "
                    "invitation nor a removal.</p>"
                ),
            }
        }
    },
    PROPOSED_OPERATION: {
        "type": "structure",
        "members": {
            "OperationId": {"shape": "ResourceIdString"},
            "Action": {"shape": "String", "documentation": "<p>Such as UpdateChannel.</p>"},
            "Subject": {"shape": "String", "documentation": "<p>The name of the channel.</p>"},
            "Request": {"shape": "String", "documentation": "<p>All that was asked for, JSON.</p>"},
        },
    },
    "DeleteNetworkInput": {
        "type": "structure",
        "required": ["NetworkId"],
        "members": {
            "NetworkId": {
                "shape": "ResourceIdString",
                "location": "uri",
                "locationName": "networkId",
                "documentation": "<p>The unique identifier of the network.</p>",
            }
        },
    },
    "DeleteNetworkOutput": {"type": "structure", "members": {}},
}
