"""The keys, certificates and blocks of an installation: where they lie and how they come to be.

data_dir/tls/                the TLS root: its chain, as published, and its key
data_dir/networks/ID/keys/   the orderer organization: authority, administrator's MSP, and per
                             orderer its MSP and TLS certificate
data_dir/networks/ID/genesis-DIGEST/   the genesis block, by what it was made from
data_dir/networks/ID/void/   an authority that nobody has the key of
data_dir/members/ID/keys/    a member: CA key, CA server's TLS certificate, the service's MSP
data_dir/nodes/ID/keys/      a peer: MSP and TLS certificate
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from hansa.fabric import vault
from hansa.fabric.msp import msp_files
from hansa.fabric.pki import Credential, issue, make_authority

TLS_CHAIN_FILE = "managedblockchain-tls-chain.pem"
TLS_KEY_FILE = "ca.key"
VOID_FILE = "ca.pem"
SERVICE_ADMIN_NAME = "hansa-service-admin"


class Materials:
    """What is made once for an installation, in ``data_dir``. Safe for several threads."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def directory(self, kind: str, resource_id: str) -> Path:
        """The files of a ``network``, ``member`` or ``node``."""
        return self._data_dir / f"{kind}s" / resource_id

    def tls_root(self, now: datetime) -> Credential:
        """The authority of all TLS certificates of the installation."""

        def make() -> vault.Files:
            root = make_authority("Hansa TLS root", now)
            return {TLS_CHAIN_FILE: root.certificate, TLS_KEY_FILE: root.key}

        made = vault.make_once(self._data_dir / "tls", make)
        return _credential(made, TLS_CHAIN_FILE, TLS_KEY_FILE)

    def network(self, network_id: str, hosts: Sequence[tuple[str, ...]], now: datetime) -> Path:
        """The keys of a network with one orderer for each of ``hosts``, its certificate's names.

        Layout: ``ca/{ca.pem,ca.key}``, ``admin-msp/``, ``orderer0/{msp,tls}/`` and so on.
        """

        def make() -> vault.Files:
            root = self.tls_root(now)
            authority = make_authority(f"orderer-ca.{network_id}", now)
            admin = issue(authority, SERVICE_ADMIN_NAME, now, "admin")
            files = _authority_files(authority)
            files |= _under("admin-msp", msp_files(authority.certificate, root.certificate, admin))
            for ordinal, names in enumerate(hosts):
                title = f"orderer{ordinal}.{network_id}"
                identity = issue(authority, title, now, "orderer")
                msp = msp_files(authority.certificate, root.certificate, identity)
                files |= _under(f"orderer{ordinal}/msp", msp)
                files |= _under(f"orderer{ordinal}/tls", _tls_files(root, title, names, now))
            return files

        return vault.make_once(self.directory("network", network_id) / "keys", make)

    def void_authority(self, network_id: str, now: datetime) -> bytes:
        """The certificate of an authority that never issued a certificate and never will, PEM.

        It stands where an authority has to be named and none is to be valid. Its key is not kept.
        """

        def make() -> vault.Files:
            return {VOID_FILE: make_authority(f"void.{network_id}", now).certificate}

        return (
            vault.make_once(self.directory("network", network_id) / "void", make) / VOID_FILE
        ).read_bytes()

    def member(self, member_id: str, hosts: tuple[str, ...], now: datetime) -> Path:
        """The keys of a member; ``hosts`` are the names of its CA server.

        Layout: ``ca/{ca.pem,ca.key}``, ``tls/``, ``service-msp/`` (an administrator of the member).
        """

        def make() -> vault.Files:
            root = self.tls_root(now)
            authority = make_authority(f"ca.{member_id}", now)
            admin = issue(authority, SERVICE_ADMIN_NAME, now, "admin")
            files = _authority_files(authority)
            files |= _under("tls", _tls_files(root, f"ca.{member_id}", hosts, now))
            files |= _under(
                "service-msp", msp_files(authority.certificate, root.certificate, admin)
            )
            return files

        return vault.make_once(self.directory("member", member_id) / "keys", make)

    def node(self, node_id: str, member: Path, hosts: tuple[str, ...], now: datetime) -> Path:
        """The keys of a peer of the member whose keys are in ``member``: ``msp/`` and ``tls/``."""

        def make() -> vault.Files:
            root = self.tls_root(now)
            authority = organization_authority(member)
            identity = issue(authority, node_id, now, "peer")
            msp = msp_files(authority.certificate, root.certificate, identity)
            return _under("msp", msp) | _under("tls", _tls_files(root, node_id, hosts, now))

        return vault.make_once(self.directory("node", node_id) / "keys", make)

    def forget(self, kind: str, resource_id: str) -> None:
        vault.forget(self.directory(kind, resource_id))


def organization_authority(keys: Path) -> Credential:
    """The authority of the organization (member or orderers) whose keys are in ``keys``."""
    return _credential(keys, "ca/ca.pem", "ca/ca.key")


def _credential(directory: Path, certificate: str, key: str) -> Credential:
    return Credential((directory / certificate).read_bytes(), (directory / key).read_bytes())


def _authority_files(authority: Credential) -> dict[str, bytes]:
    return {"ca/ca.pem": authority.certificate, "ca/ca.key": authority.key}


def _tls_files(
    root: Credential, title: str, hosts: tuple[str, ...], now: datetime
) -> dict[str, bytes]:
    server = issue(root, title, now, hosts=hosts)
    return {"ca.pem": root.certificate, "server.crt": server.certificate, "server.key": server.key}


def _under(directory: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{directory}/{path}": content for path, content in files.items()}
