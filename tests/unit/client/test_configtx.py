"""The guide's configtx.yaml becomes one that Fabric 2.5 takes; today's stays as it is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from hansa.client.configtx import complete, map_home, with_absolute_paths

GUIDE = """
Organizations:
    - &Org1
        Name: m-K46ICRRXJRCGRNNS4ES4XUUS5A
        ID: m-K46ICRRXJRCGRNNS4ES4XUUS5A
        MSPDir: /opt/home/admin-msp
        AnchorPeers:
            - Host:
              Port:
Application: &ApplicationDefaults
    Organizations:
Profiles:
    OneOrgChannel:
        Consortium: AWSSystemConsortium
        Application:
            <<: *ApplicationDefaults
            Organizations:
                - *Org1
"""

ORGANIZATION = {
    "Name": "m-K46ICRRXJRCGRNNS4ES4XUUS5A",
    "ID": "m-K46ICRRXJRCGRNNS4ES4XUUS5A",
    "MSPDir": "/home/alice/admin-msp",
    "Policies": {
        "Readers": {"Type": "Signature", "Rule": "OR('m-K46ICRRXJRCGRNNS4ES4XUUS5A.member')"},
        "Writers": {"Type": "Signature", "Rule": "OR('m-K46ICRRXJRCGRNNS4ES4XUUS5A.member')"},
        "Admins": {"Type": "Signature", "Rule": "OR('m-K46ICRRXJRCGRNNS4ES4XUUS5A.admin')"},
        "Endorsement": {"Type": "Signature", "Rule": "OR('m-K46ICRRXJRCGRNNS4ES4XUUS5A.member')"},
    },
}
CHANNEL_POLICIES = {
    "Readers": {"Type": "ImplicitMeta", "Rule": "ANY Readers"},
    "Writers": {"Type": "ImplicitMeta", "Rule": "ANY Writers"},
    "Admins": {"Type": "ImplicitMeta", "Rule": "MAJORITY Admins"},
}
APPLICATION_POLICIES = {
    **CHANNEL_POLICIES,
    "LifecycleEndorsement": {"Type": "ImplicitMeta", "Rule": "MAJORITY Endorsement"},
    "Endorsement": {"Type": "ImplicitMeta", "Rule": "MAJORITY Endorsement"},
}
COMPLETED = {
    "Organizations": [ORGANIZATION],
    "Application": {"Organizations": None, "Policies": APPLICATION_POLICIES},
    "Profiles": {
        "OneOrgChannel": {
            "Consortium": "AWSSystemConsortium",
            "Policies": CHANNEL_POLICIES,
            "Application": {
                "Organizations": [ORGANIZATION],
                "Policies": APPLICATION_POLICIES,
            },
        }
    },
}


def test_the_guides_file_is_completed() -> None:
    assert complete(yaml.safe_load(GUIDE), "/home/alice") == COMPLETED


def test_completing_changes_nothing_of_what_was_given() -> None:
    document = yaml.safe_load(GUIDE)
    before = copy.deepcopy(document)
    complete(document, "/home/alice")
    assert document == before


def test_a_complete_file_comes_out_equal() -> None:
    assert complete(COMPLETED, "/home/alice") == COMPLETED


def test_own_policies_capabilities_and_anchors_stay() -> None:
    document: dict[str, Any] = copy.deepcopy(COMPLETED)
    profile = document["Profiles"]["OneOrgChannel"]
    profile["Policies"] = {"Readers": {"Type": "ImplicitMeta", "Rule": "ALL Readers"}}
    profile["Application"]["Capabilities"] = {"V2_0": True}
    document["Organizations"][0]["AnchorPeers"] = [{"Host": "peer.example", "Port": 30003}]
    assert complete(document, None) == document


def test_keys_are_found_in_any_case_as_configtxgen_does() -> None:
    organization = {"id": "Org1", "mspdir": "/opt/home/msp", "policies": {"Readers": {}}}
    assert complete({"organizations": [organization]}, "/h") == {
        "organizations": [{"id": "Org1", "mspdir": "/h/msp", "policies": {"Readers": {}}}]
    }


def test_without_a_home_paths_of_the_container_stay() -> None:
    completed = complete(yaml.safe_load(GUIDE), None)
    assert completed["Organizations"][0]["MSPDir"] == "/opt/home/admin-msp"


@pytest.mark.parametrize(
    ("path", "mapped"),
    [
        ("/opt/home", "/h"),
        ("/opt/home/", "/h/"),
        ("/opt/home/mychannel.pb", "/h/mychannel.pb"),
        ("/opt/homework", "/opt/homework"),
        ("mychannel", "mychannel"),
    ],
)
def test_the_containers_home_is_mapped(path: str, mapped: str) -> None:
    assert map_home(path, "/h/") == mapped
    assert map_home(path, None) == path


def test_relative_paths_become_absolute() -> None:
    consenter = {"Host": "o", "ClientTLSCert": "tls/o.crt", "ServerTLSCert": "/abs/o.crt"}
    document = {
        "Organizations": [{"MSPDir": "crypto/msp", "Name": "crypto/msp"}],
        "Orderer": {"EtcdRaft": {"Consenters": [consenter]}},
    }
    assert with_absolute_paths(document, "/etc/c") == {
        "Organizations": [{"MSPDir": "/etc/c/crypto/msp", "Name": "crypto/msp"}],
        "Orderer": {
            "EtcdRaft": {
                "Consenters": [
                    {
                        "Host": "o",
                        "ClientTLSCert": "/etc/c/tls/o.crt",
                        "ServerTLSCert": "/abs/o.crt",
                    }
                ]
            }
        },
    }
