"""The environment of a shell that talks to this installation: ``eval "$(hansa env)"``.

Nothing in the user's home changes. What the variables point to lies in the data directory, below
``clients/``: the model overlay, a configuration file with the region (``aws configure get region``
reads nothing else), and the wrapper for old AWS CLIs.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from hansa.awsmodels.cli_shim import path_with, write_wrapper
from hansa.awsmodels.files import write_file
from hansa.awsmodels.ini import IniText
from hansa.awsmodels.install import install_overlay
from hansa.awsmodels.profile import Access, set_access

# They would send the shell's commands elsewhere, or mix another identity into ours.
UNSET_VARIABLES = (
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
)


def shell_environment(
    data_dir: Path, access: Access, environment: Mapping[str, str]
) -> dict[str, str]:
    """The variables to export, and the files behind them written.

    ``environment`` is the shell's own: its PATH and AWS_DATA_PATH are kept behind ours. The values
    contain the secret access key.
    """
    clients = data_dir / "clients"
    models = clients / "models"
    install_overlay(models, force=True)
    write_wrapper(clients / "bin")
    config = clients / "config"
    _write_config(config, access)
    return {
        "HANSA_DATA_DIR": str(data_dir),
        "AWS_ENDPOINT_URL": access.url,
        "AWS_ACCESS_KEY_ID": access.access_key_id,
        "AWS_SECRET_ACCESS_KEY": access.secret_access_key,
        "AWS_REGION": access.region,
        "AWS_DEFAULT_REGION": access.region,
        "AWS_CONFIG_FILE": str(config),
        "AWS_DATA_PATH": _prefixed(models, environment.get("AWS_DATA_PATH", "")),
        "PATH": path_with(clients / "bin", environment),
        **_proxy_exceptions(access.url, environment),
    }


def unset_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The names to unset: other identities, and endpoints of single services."""
    endpoints = [name for name in environment if name.startswith("AWS_ENDPOINT_URL_")]
    return (*UNSET_VARIABLES, *sorted(endpoints))


def shell_script(variables: Mapping[str, str], unset: tuple[str, ...] = ()) -> str:
    """Commands of a POSIX shell that export ``variables`` and unset the rest."""
    lines = [f"unset {name}" for name in unset]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return "\n".join(lines) + "\n"


def _write_config(path: Path, access: Access) -> None:
    """Set our keys and keep others: ``aws configure set`` in such a shell writes here."""
    before = path.read_bytes() if path.exists() else b""
    text = IniText(before.decode(errors="surrogateescape"))
    set_access(text, "default", access)
    after = text.text().encode(errors="surrogateescape")
    if after != before:
        write_file(path, after)


def _prefixed(first: Path, others: str) -> str:
    rest = [entry for entry in others.split(os.pathsep) if entry and entry != str(first)]
    return os.pathsep.join([str(first), *rest])


def _proxy_exceptions(url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """NO_PROXY with our host, where the shell sends HTTP through a proxy."""
    if not any(environment.get(name) for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY")):
        return {}
    host = urlsplit(url).hostname or ""
    current = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    hosts = [each.strip() for each in current.split(",") if each.strip()]
    value = ",".join(hosts if host in hosts else [*hosts, host])
    return {"NO_PROXY": value, "no_proxy": value}
