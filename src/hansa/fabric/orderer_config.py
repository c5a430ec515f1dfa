"""An orderer's configuration, ``orderer.yaml``, as a value."""

from __future__ import annotations

from typing import Any

import yaml

from hansa.domain.workload import Place
from hansa.fabric.addresses import operations_address
from hansa.fabric.genesis import ORDERER_MSP_ID

# Fabric's own default, per message, of orderer and peer.
MESSAGE_BYTES_MAX = 100 << 20
# How often an orderer looks whether it was made a consenter of a channel again, and how long it
# hears of no leader before it looks whether it was taken out. Fabric's own are 5 and 10 minutes.
CONSENTER_CHECK = "5s"


def orderer_yaml(place: Place, service_port: int, operations_port: int) -> bytes:
    """``orderer.yaml`` of an orderer at ``place``; its files lie beside it.

    One listener serves clients and the other orderers. The channel's options (batches, raft) are
    in the genesis block, not here.
    """
    here, data = place.config_directory, place.data_directory
    certificate, key, root = (
        f"{here}/tls/{name}" for name in ("server.crt", "server.key", "ca.pem")
    )
    config: dict[str, Any] = {
        "General": {
            "ListenAddress": place.listen_host,
            "ListenPort": service_port,
            "TLS": {
                "Enabled": True,
                "PrivateKey": key,
                "Certificate": certificate,
                "RootCAs": [root],
                "ClientAuthRequired": False,
            },
            "Keepalive": {
                "ServerMinInterval": "60s",
                "ServerInterval": "7200s",
                "ServerTimeout": "20s",
            },
            "MaxRecvMsgSize": MESSAGE_BYTES_MAX,
            "MaxSendMsgSize": MESSAGE_BYTES_MAX,
            "Cluster": {
                "SendBufferSize": 100,
                "RootCAs": [root],
                "ClientCertificate": certificate,
                "ClientPrivateKey": key,
                "ReplicationBackgroundRefreshInterval": CONSENTER_CHECK,
            },
            "BootstrapMethod": "file",
            "BootstrapFile": f"{here}/genesis.block",
            "LocalMSPDir": f"{here}/msp",
            "LocalMSPID": ORDERER_MSP_ID,
            "Profile": {"Enabled": False},
            "BCCSP": {"Default": "SW", "SW": {"Hash": "SHA2", "Security": 256}},
            "Authentication": {"TimeWindow": "15m"},
        },
        "FileLedger": {"Location": f"{data}/ledger"},
        "Operations": {
            "ListenAddress": operations_address(place, operations_port),
            "TLS": {"Enabled": False},
        },
        "Metrics": {"Provider": "prometheus"},
        # Fabric opens this listener even where channel participation is off.
        "Admin": {"ListenAddress": "127.0.0.1:0", "TLS": {"Enabled": False}},
        "ChannelParticipation": {"Enabled": False},
        "Consensus": _consensus(data),
    }
    return yaml.safe_dump(config, sort_keys=False).encode()


def _consensus(data: str) -> dict[str, str]:
    return {
        "WALDir": f"{data}/etcdraft/wal",
        "SnapDir": f"{data}/etcdraft/snapshot",
        "EvictionSuspicion": CONSENTER_CHECK,
    }
