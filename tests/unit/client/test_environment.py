"""The exports that make the guide's commands run as printed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from hansa.client.environment import MemberFacts, Tools, fabric_environment, shell_exports

MEMBER = MemberFacts(
    network_id="n-A",
    member_id="m-B",
    orderer="orderer.n-a.managedblockchain.us-east-1.localhost:30001",
    ca="ca.m-b.n-a.managedblockchain.us-east-1.localhost:30002",
    peer="nd-c.m-b.n-a.managedblockchain.us-east-1.localhost:30003",
    node_id="nd-C",
)
TOOLS = Tools(
    shims=Path("/d/client/bin"),
    binaries=Path("/e/bin"),
    configuration=Path("/e/client"),
    gopath=Path("/e/client/gopath"),
    go=Path("/e/go/bin"),
)
HOME = Path("/home/alice")
CHAIN = Path("/home/alice/managedblockchain-tls-chain.pem")


def test_a_member_with_a_node() -> None:
    inherited = {"PATH": "/usr/bin:/bin", "GOPATH": "/home/alice/go"}
    assert fabric_environment(MEMBER, TOOLS, HOME, CHAIN, inherited) == {
        "HANSA_CLIENT_HOME": "/home/alice",
        "NETWORK_ID": "n-A",
        "MEMBER_ID": "m-B",
        "NODE_ID": "nd-C",
        "MSP": "m-B",
        "MSP_PATH": "/home/alice/admin-msp",
        "ORDERER": "orderer.n-a.managedblockchain.us-east-1.localhost:30001",
        "PEER": "nd-c.m-b.n-a.managedblockchain.us-east-1.localhost:30003",
        "CA": "ca.m-b.n-a.managedblockchain.us-east-1.localhost:30002",
        "CAENDPOINT": "ca.m-b.n-a.managedblockchain.us-east-1.localhost:30002",
        "TLS_CHAIN": "/home/alice/managedblockchain-tls-chain.pem",
        "FABRIC_CFG_PATH": "/e/client",
        "FABRIC_CA_CLIENT_HOME": "/home/alice",
        "FABRIC_CA_CLIENT_TLS_CERTFILES": "/home/alice/managedblockchain-tls-chain.pem",
        "CORE_PEER_TLS_ENABLED": "true",
        "CORE_PEER_TLS_ROOTCERT_FILE": "/home/alice/managedblockchain-tls-chain.pem",
        "CORE_PEER_ADDRESS": "nd-c.m-b.n-a.managedblockchain.us-east-1.localhost:30003",
        "CORE_PEER_LOCALMSPID": "m-B",
        "CORE_PEER_MSPCONFIGPATH": "/home/alice/admin-msp",
        "PATH": "/d/client/bin:/e/bin:/e/go/bin:/usr/bin:/bin",
        "GOPATH": "/home/alice/go:/e/client/gopath",
        "GO111MODULE": "off",
    }


def test_applied_twice_it_is_the_same() -> None:
    once = fabric_environment(MEMBER, TOOLS, HOME, CHAIN, {"PATH": "/bin", "HOME": "/home/alice"})
    assert fabric_environment(MEMBER, TOOLS, HOME, CHAIN, once) == once


def test_before_there_is_a_node_no_peer_is_named() -> None:
    member = MemberFacts("n-A", "m-B", "o:1", "c:2")
    variables = fabric_environment(member, TOOLS, HOME, CHAIN, {"PATH": "/bin"})
    assert not {"PEER", "NODE_ID", "CORE_PEER_ADDRESS"} & set(variables)


def test_a_shell_reads_the_values_back() -> None:
    exports = shell_exports({"A": "two words", "B": "it's $HOME; `id`"})
    script = exports + 'printf "%s|%s" "$A" "$B"'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "two words|it's $HOME; `id`"
