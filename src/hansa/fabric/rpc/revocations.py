"""Revoked certificates in a channel's configuration. Pure.

An MSP names them in revocation lists, each signed by one of its authorities.
"""

from __future__ import annotations

from cryptography import x509
from fabric_protos.common.configtx_pb2 import ConfigGroup
from fabric_protos.msp.msp_config_pb2 import FabricMSPConfig, MSPConfig

from hansa.fabric.genesis import CONSORTIUM
from hansa.fabric.rpc.configs import APPLICATION

_MSP = "MSP"
# Where members are: in a channel of theirs, and in the ordering service's own.
_PATHS = ((APPLICATION,), ("Consortiums", CONSORTIUM))


def revoking(top: ConfigGroup, member_id: str, revocation_list: bytes) -> ConfigGroup:
    """The channel's top group with the certificates of ``revocation_list`` revoked for the member.

    The list (PEM) takes the place of those that say no more than it does. Nothing is changed where
    the member is not there, or where all of it is known already.
    """
    changed = ConfigGroup()
    changed.CopyFrom(top)
    for organization in _organizations(changed, member_id):
        outer = MSPConfig.FromString(organization.values[_MSP].value)
        msp = FabricMSPConfig.FromString(outer.config)
        revoked = _serial_numbers(revocation_list)
        known = [_serial_numbers(present) for present in msp.revocation_list]
        if revoked <= frozenset().union(*known):
            continue
        kept = [
            present
            for present, numbers in zip(msp.revocation_list, known, strict=True)
            if not numbers <= revoked
        ]
        msp.revocation_list[:] = [*kept, revocation_list]
        outer.config = msp.SerializeToString(deterministic=True)
        organization.values[_MSP].value = outer.SerializeToString(deterministic=True)
    return changed


def _organizations(top: ConfigGroup, member_id: str) -> list[ConfigGroup]:
    found = []
    for path in _PATHS:
        group: ConfigGroup | None = top
        for name in (*path, member_id):
            group = group.groups[name] if group is not None and name in group.groups else None
        if group is not None:
            found.append(group)
    return found


def _serial_numbers(revocation_list: bytes) -> frozenset[int]:
    """Those that a list (PEM or DER) revokes."""
    is_pem = revocation_list.lstrip().startswith(b"-----")
    load = x509.load_pem_x509_crl if is_pem else x509.load_der_x509_crl
    return frozenset(entry.serial_number for entry in load(revocation_list))
