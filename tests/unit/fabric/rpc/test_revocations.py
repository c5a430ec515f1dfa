"""Revocation lists in channel configurations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from fabric_protos.common.configtx_pb2 import ConfigGroup, ConfigValue
from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, MSPConfig

from hansa.fabric.genesis import CONSORTIUM
from hansa.fabric.pki import load_key, make_authority
from hansa.fabric.rpc.configs import update_between
from hansa.fabric.rpc.revocations import revoking

NOW = datetime(2026, 1, 2, tzinfo=UTC)
AUTHORITY = make_authority("ca.m-1", NOW)
ORDERER_ADMINS = "/Channel/Orderer/Admins"


def revocation_list(*numbers: int) -> bytes:
    issuer = x509.load_pem_x509_certificate(AUTHORITY.certificate).subject
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer)
    builder = builder.last_update(NOW).next_update(NOW + timedelta(days=1))
    for number in numbers:
        entry = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(NOW)
        builder = builder.add_revoked_certificate(entry.build())
    signed = builder.sign(load_key(AUTHORITY.key), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


def organization(*lists: bytes) -> ConfigGroup:
    msp = FabricMSPConfig(name="m-1", root_certs=[AUTHORITY.certificate], revocation_list=lists)
    group = ConfigGroup(version=3)
    value = MSPConfig(config=msp.SerializeToString()).SerializeToString()
    group.values["MSP"].CopyFrom(ConfigValue(value=value, mod_policy=ORDERER_ADMINS, version=1))
    return group


def channel(*lists: bytes) -> ConfigGroup:
    top = ConfigGroup()
    top.groups["Application"].groups["m-1"].CopyFrom(organization(*lists))
    top.groups["Application"].groups["m-2"].CopyFrom(organization())
    return top


def lists_of(group: ConfigGroup) -> list[bytes]:
    outer = MSPConfig.FromString(group.values["MSP"].value)
    return list(FabricMSPConfig.FromString(outer.config).revocation_list)


def test_a_list_is_put_into_the_members_msp_alone() -> None:
    before, revoked = channel(), revocation_list(7)
    after = revoking(before, "m-1", revoked)
    members = after.groups["Application"].groups
    assert lists_of(members["m-1"]) == [revoked]
    assert lists_of(members["m-2"]) == []
    update = update_between("trade", before, after)
    assert update is not None
    written = update.write_set.groups["Application"].groups["m-1"]
    assert (written.version, written.values["MSP"].version) == (3, 2)
    assert written.values["MSP"].mod_policy == ORDERER_ADMINS


def test_so_it_is_in_the_consortium() -> None:
    top = ConfigGroup()
    members = top.groups["Consortiums"].groups[CONSORTIUM].groups
    members["m-1"].CopyFrom(organization())
    after = revoking(top, "m-1", revocation_list(7))
    group = after.groups["Consortiums"].groups[CONSORTIUM].groups["m-1"]
    assert len(lists_of(group)) == 1


@pytest.mark.parametrize(("known", "new"), [((7,), (7,)), ((7, 8), (7,)), ((), ()), ((7,), ())])
def test_what_is_known_changes_nothing(known: tuple[int, ...], new: tuple[int, ...]) -> None:
    before = channel(revocation_list(*known)) if known else channel()
    assert revoking(before, "m-1", revocation_list(*new)) == before


def test_a_longer_list_takes_the_place_of_a_shorter_one_and_of_no_other() -> None:
    short, foreign, long = revocation_list(7), revocation_list(9), revocation_list(7, 8)
    der = x509.load_pem_x509_crl(foreign).public_bytes(serialization.Encoding.DER)
    after = revoking(channel(short, der), "m-1", long)
    assert lists_of(after.groups["Application"].groups["m-1"]) == [der, long]


def test_a_member_that_is_not_there_changes_nothing() -> None:
    before = channel()
    after = revoking(before, "m-3", revocation_list(7))
    assert after == before
    assert update_between("trade", before, after) is None
