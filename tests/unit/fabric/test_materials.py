from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from hansa.fabric.materials import Materials

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_nobody_has_the_key_of_the_void_authority(tmp_path: Path) -> None:
    materials = Materials(tmp_path)
    void = materials.void_authority("n-1", NOW)
    assert materials.void_authority("n-1", NOW) == void
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in files] == [void]
    certificate = x509.load_pem_x509_certificate(void)
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    materials.forget("network", "n-1")
    assert materials.void_authority("n-1", NOW) != void
