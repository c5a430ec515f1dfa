"""Step 4 of the AMB guide: from a member's administrator to a directory the peer CLI can use."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from hansa.client.installation import ClientError

MSP_DIRECTORY = "admin-msp"


def enroll(
    ca: str,
    user: str,
    password: str,
    chain: Path,
    home: Path,
    environment: Mapping[str, str],
    msp: str = MSP_DIRECTORY,
) -> Path:
    """Enroll ``user`` at ``ca`` (``HOST:PORT``) and return the MSP directory, ``home/msp``.

    ``environment`` finds ``fabric-ca-client`` on its PATH. The password goes by environment, never
    by argument, so that no process listing shows it. An MSP directory that is there is replaced
    only once the new one is whole. Raises :class:`ClientError`.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = home / msp
    with tempfile.TemporaryDirectory(prefix=".enroll-", dir=home) as scratch:
        made = Path(scratch) / "msp"
        _run_client(ca, user, password, chain, made, environment)
        # Without NodeOUs in its configuration, the peer CLI asks for administrators here.
        shutil.copytree(made / "signcerts", made / "admincerts")
        for file in made.rglob("*"):
            file.chmod(0o700 if file.is_dir() else 0o600)
        made.chmod(0o700)
        if target.exists():
            target.rename(Path(scratch) / "old")
        made.rename(target)
    return target


def _run_client(
    ca: str, user: str, password: str, chain: Path, msp: Path, environment: Mapping[str, str]
) -> None:
    url = f"https://{quote(user, safe='')}:{quote(password, safe='')}@{ca}"
    scratch = msp.parent
    variables = {
        **environment,
        "FABRIC_CA_CLIENT_HOME": str(scratch),
        "FABRIC_CA_CLIENT_URL": url,
        "FABRIC_CA_CLIENT_TLS_CERTFILES": str(chain.absolute()),
        "FABRIC_CA_CLIENT_MSPDIR": str(msp),
    }
    try:
        done = subprocess.run(
            ["fabric-ca-client", "enroll"],
            env=variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except FileNotFoundError:
        raise ClientError(
            "fabric-ca-client was not found. Install the engine with `hansa engine install`."
        ) from None
    except subprocess.TimeoutExpired:
        raise ClientError(
            f"the CA at {ca} did not answer within a minute. See `hansa status`."
        ) from None
    if done.returncode != 0:
        reason = done.stderr.replace(url, "…").replace(password, "…").strip().splitlines()
        raise ClientError(
            f"cannot enroll {user} at {ca}: {reason[-1] if reason else 'no reason given'}. "
            "Check the user name and the password given at create-network, and `hansa status`."
        )


def copy_chain(chain: Path, home: Path) -> Path:
    """Put the TLS chain beside the MSP directory, where the guide has it; returns the file."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = home / chain.name
    new = home / f".{chain.name}.{os.getpid()}"
    shutil.copyfile(chain, new)
    new.replace(target)
    return target
