"""What peers and external builders agree on about chaincode."""

from __future__ import annotations

PROPAGATED_ENVIRONMENT = (
    "HOME",
    "TMPDIR",
    "HANSA_CHAINCODE_SANDBOX",
    "HANSA_WORKLOAD",  # the local driver finds a peer's chaincodes by it
    "GOPROXY",
    "GOSUMDB",
    "GOFLAGS",
    "GONOSUMDB",
    "GOPRIVATE",
    "NPM_CONFIG_REGISTRY",
    "npm_config_registry",
    "PATH",
)
"""Variables of a peer's environment that it hands on to the builders; Fabric drops all others."""
