"""A peer's configuration, ``core.yaml``, as a value.

Numbers that Fabric documents in its sample ``core.yaml`` are kept; where this differs, it says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from hansa.domain.chaincode import PROPAGATED_ENVIRONMENT
from hansa.domain.workload import Place
from hansa.fabric.addresses import operations_address
from hansa.fabric.orderer_config import MESSAGE_BYTES_MAX

BUILDERS = ("ccaas", "golang", "node", "java", "python", "unknown")
"""External builders, in the order in which they are asked whether a chaincode is theirs."""


@dataclass(frozen=True)
class Peer:
    """What a peer's configuration depends on.

    ``endpoint`` is the public ``HOST:PORT``; ``bootstrap`` are gossip addresses of the member's
    other peers; ``orderer_addresses`` pairs each name that a channel may know an orderer by with
    the address that this peer reaches it at.
    """

    node_id: str
    member_id: str
    network_id: str
    place: Place
    peer_port: int
    chaincode_port: int
    operations_port: int
    endpoint: str
    bootstrap: tuple[str, ...]
    orderer_addresses: tuple[tuple[str, str], ...]
    gateway_concurrency: int


def core_yaml(peer: Peer) -> bytes:
    """``core.yaml`` of a peer; its files lie beside it."""
    data = f"{peer.place.data_directory}/ledger"
    config: dict[str, Any] = {
        "peer": _peer(peer, data),
        # No Docker: external builders do all building and running.
        "vm": {"endpoint": ""},
        "chaincode": _chaincode(peer),
        "ledger": _ledger(data),
        "operations": {
            "listenAddress": operations_address(peer.place, peer.operations_port),
            "tls": {"enabled": False},
        },
        "metrics": {"provider": "prometheus"},
    }
    return yaml.safe_dump(config, sort_keys=False).encode()


def _peer(peer: Peer, data: str) -> dict[str, Any]:
    here, listen = peer.place.config_directory, peer.place.listen_host
    inside = peer.place.internal_host
    return {
        "id": peer.node_id,
        "networkId": peer.network_id,
        "listenAddress": f"{listen}:{peer.peer_port}",
        "address": f"{inside}:{peer.peer_port}",
        "addressAutoDetect": False,
        # Chaincode runs beside its peer.
        "chaincodeListenAddress": f"127.0.0.1:{peer.chaincode_port}",
        "chaincodeAddress": f"127.0.0.1:{peer.chaincode_port}",
        "keepalive": _keepalive(),
        "gossip": _gossip(peer),
        "tls": {
            "enabled": True,
            "clientAuthRequired": False,
            "cert": {"file": f"{here}/tls/server.crt"},
            "key": {"file": f"{here}/tls/server.key"},
            "rootcert": {"file": f"{here}/tls/ca.pem"},
            "clientRootCAs": {"files": [f"{here}/tls/ca.pem"]},
        },
        "authentication": {"timewindow": "15m"},
        "fileSystemPath": data,
        "BCCSP": {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}},
        "mspConfigPath": f"{here}/msp",
        "localMspId": peer.member_id,
        "localMspType": "bccsp",
        "client": {"connTimeout": "3s"},
        "deliveryclient": _delivery(peer),
        "gateway": {
            "enabled": True,
            "endorsementTimeout": "30s",
            "broadcastTimeout": "30s",
            "dialTimeout": "2m",
        },
        "discovery": {
            "enabled": True,
            "authCacheEnabled": True,
            "authCacheMaxSize": 1000,
            "authCachePurgeRetentionRatio": 0.75,
            "orgMembersAllowedAccess": True,
        },
        "handlers": _handlers(),
        "limits": {
            "concurrency": {
                "endorserService": 2500,
                "deliverService": 2500,
                # Fabric's 500 refuses callers under load that the peer could well serve.
                "gatewayService": peer.gateway_concurrency,
            }
        },
        "maxRecvMsgSize": MESSAGE_BYTES_MAX,
        "maxSendMsgSize": MESSAGE_BYTES_MAX,
        "profile": {"enabled": False},
    }


def _keepalive() -> dict[str, Any]:
    client = {"interval": "60s", "timeout": "20s"}
    return {
        "interval": "7200s",
        "timeout": "20s",
        "minInterval": "60s",
        "client": dict(client),
        "deliveryClient": dict(client),
    }


def _delivery(peer: Peer) -> dict[str, Any]:
    return {
        "blockGossipEnabled": True,
        "connTimeout": "3s",
        "reconnectTotalTimeThreshold": "87600h",
        # Fabric's sample backs off up to an hour, and a peer would lag as long after an outage.
        "reConnectBackoffThreshold": "3s",
        # Channels name orderers by public endpoints, which need not resolve where the peer runs.
        "addressOverrides": [
            {
                "from": public,
                "to": address,
                "caCertsFile": f"{peer.place.config_directory}/tls/ca.pem",
            }
            for public, address in peer.orderer_addresses
        ],
    }


def _gossip(peer: Peer) -> dict[str, Any]:
    own = f"{peer.place.internal_host}:{peer.peer_port}"
    return {
        "bootstrap": " ".join(peer.bootstrap or (own,)),
        # Every peer fetches blocks from the ordering service itself.
        "useLeaderElection": False,
        "orgLeader": True,
        "externalEndpoint": peer.endpoint,
        "membershipTrackerInterval": "5s",
        "maxBlockCountToStore": 10,
        "maxPropagationBurstLatency": "10ms",
        "maxPropagationBurstSize": 10,
        "propagateIterations": 1,
        "propagatePeerNum": 3,
        "pullInterval": "4s",
        "pullPeerNum": 3,
        "requestStateInfoInterval": "4s",
        "publishStateInfoInterval": "4s",
        "publishCertPeriod": "10s",
        "skipBlockVerification": False,
        "dialTimeout": "3s",
        "connTimeout": "2s",
        "recvBuffSize": 20,
        "sendBuffSize": 200,
        "digestWaitTime": "1s",
        "requestWaitTime": "1500ms",
        "responseWaitTime": "2s",
        "aliveTimeInterval": "5s",
        "aliveExpirationTimeout": "25s",
        "reconnectInterval": "25s",
        "maxConnectionAttempts": 120,
        "msgExpirationFactor": 20,
        "election": {
            "startupGracePeriod": "15s",
            "membershipSampleInterval": "1s",
            "leaderAliveThreshold": "10s",
            "leaderElectionDuration": "5s",
        },
        "pvtData": _private_data(),
        "state": {
            "enabled": True,
            "checkInterval": "10s",
            "responseTimeout": "3s",
            "batchSize": 10,
            "blockBufferSize": 20,
            "maxRetries": 3,
        },
    }


def _private_data() -> dict[str, Any]:
    return {
        "pullRetryThreshold": "60s",
        "transientstoreMaxBlockRetention": 1000,
        "pushAckTimeout": "3s",
        "btlPullMargin": 10,
        "reconcileBatchSize": 10,
        "reconcileSleepInterval": "1m",
        "reconciliationEnabled": True,
        # Otherwise an invalid transaction, whose private data nobody sends, holds up the channel
        # on this peer for as long as pullRetryThreshold.
        "skipPullingInvalidTransactionsDuringCommit": True,
        "implicitCollectionDisseminationPolicy": {"requiredPeerCount": 0, "maxPeerCount": 1},
    }


def _handlers() -> dict[str, Any]:
    return {
        "authFilters": [{"name": "DefaultAuth"}, {"name": "ExpirationCheck"}],
        "decorators": [{"name": "DefaultDecorator"}],
        "endorsers": {"escc": {"name": "DefaultEndorsement"}},
        "validators": {"vscc": {"name": "DefaultValidation"}},
    }


def _chaincode(peer: Peer) -> dict[str, Any]:
    builders = [
        {
            "name": name,
            "path": f"{peer.place.engine_directory}/builders/{name}",
            "propagateEnvironment": list(PROPAGATED_ENVIRONMENT),
        }
        for name in BUILDERS
    ]
    return {
        "externalBuilders": builders,
        # A first build may have to fetch and compile dependencies.
        "installTimeout": "300s",
        "startuptimeout": "300s",
        "executetimeout": "30s",
        "mode": "net",
        "keepalive": 0,
        "system": dict.fromkeys(("_lifecycle", "cscc", "lscc", "qscc"), "enable"),
        "logging": {"level": "info", "shim": "warning"},
    }


def _ledger(data: str) -> dict[str, Any]:
    return {
        "blockchain": None,
        "state": {"stateDatabase": "goleveldb", "totalQueryLimit": 100000},
        "history": {"enableHistoryDatabase": True},
        "pvtdataStore": {
            "collElgProcMaxDbBatchSize": 5000,
            "collElgProcDbBatchesInterval": 1000,
            "deprioritizedDataReconcilerInterval": "60m",
            "purgeInterval": 100,
            "purgedKeyAuditLogging": True,
        },
        "snapshots": {"rootDir": f"{data}/snapshots"},
    }
