"""What peers ask a policy for before they do it.

Source: ``core/aclmgmt/resources`` of Fabric 2.5.
"""

from __future__ import annotations

_RESOURCES = {
    "_lifecycle": (
        "InstallChaincode",
        "QueryInstalledChaincode",
        "GetInstalledChaincodePackage",
        "QueryInstalledChaincodes",
        "ApproveChaincodeDefinitionForMyOrg",
        "QueryApprovedChaincodeDefinition",
        "CommitChaincodeDefinition",
        "QueryChaincodeDefinition",
        "QueryChaincodeDefinitions",
        "CheckCommitReadiness",
    ),
    "snapshot": ("submitrequest", "cancelrequest", "listpending"),
    "lscc": (
        "Install",
        "Deploy",
        "Upgrade",
        "ChaincodeExists",
        "GetDeploymentSpec",
        "GetChaincodeData",
        "GetInstantiatedChaincodes",
        "GetInstalledChaincodes",
        "GetCollectionsConfig",
    ),
    "qscc": (
        "GetChainInfo",
        "GetBlockByNumber",
        "GetBlockByHash",
        "GetTransactionByID",
        "GetBlockByTxID",
    ),
    "cscc": (
        "JoinChain",
        "JoinChainBySnapshot",
        "JoinBySnapshotStatus",
        "GetConfigBlock",
        "GetChannelConfig",
        "GetChannels",
    ),
    "peer": ("Propose", "ChaincodeToChaincode"),
    "event": ("Block", "FilteredBlock"),
    "gateway": ("CommitStatus", "ChaincodeEvents"),
}

RESOURCES = frozenset(f"{group}/{name}" for group, names in _RESOURCES.items() for name in names)
"""Such as ``peer/Propose``."""
