"""What peers and external builders agree on about chaincode."""

from __future__ import annotations

PROPAGATED_ENVIRONMENT = (
    "HOME",
    "PATH",
    "TMPDIR",
    "HANSA_CHAINCODE_SANDBOX",
    "HANSA_CHAINCODE_NETWORK",
    "HANSA_CHAINCODE_MEMORY_MIB",
    "HANSA_CHAINCODE_PROCESSES",
    "HANSA_CHAINCODE_CPUS",
    "HANSA_CHAINCODE_SPIN_SECONDS",
    "HANSA_CHAINCODE_BUILD_NETWORK",
    "HANSA_CHAINCODE_BUILD_SECONDS",
    "HANSA_CHAINCODE_BUILD_MEMORY_MIB",
    "HANSA_CHAINCODE_BUILD_PROCESSES",
    "GOFLAGS",
    "GOINSECURE",
    "GONOPROXY",
    "GONOSUMDB",
    "GOPRIVATE",
    "GOPROXY",
    "GOSUMDB",
    "MAVEN_OPTS",
    "NPM_CONFIG_CAFILE",
    "NPM_CONFIG_REGISTRY",
    "NPM_CONFIG_USERCONFIG",
    "npm_config_cafile",
    "npm_config_registry",
    "npm_config_userconfig",
    "NODE_EXTRA_CA_CERTS",
    "PIP_CERT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "UV_CONFIG_FILE",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_INDEX",
    "UV_INDEX_STRATEGY",
    "UV_INDEX_URL",
    "UV_SYSTEM_CERTS",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)
"""Variables of a peer's environment that it hands on to the builders; Fabric drops all others."""

BUILD_LOGS = "chaincode-build-logs"
"""The folder in a peer's ``TMPDIR`` where the builders keep ``LABEL.log`` of each last build.

The label is the chaincode's name (legacy lifecycle) or the package's label (new lifecycle), with
everything but letters, digits, ``.``, ``_`` and ``-`` replaced by ``_``.
"""

CHAINCODE_LOGS = "chaincode-logs"
"""The folder in a peer's ``TMPDIR`` where each chaincode's output is kept, the former in ``.1``, ….

``NAME_VERSION.log`` (legacy lifecycle) or ``LABEL_HASH.log`` with 12 digits of the package's hash.
"""
