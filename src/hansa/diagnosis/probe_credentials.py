"""Where the caller's credentials come from, as botocore's own chain resolves them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import botocore.exceptions as faults
from botocore.session import Session

from hansa.diagnosis.facts import ENVIRONMENT, KeyShape, Resolution, RoleStep, Source
from hansa.diagnosis.secrets_of import Keys, is_key_id

_STATIC = frozenset({ENVIRONMENT, "shared-credentials-file", "config-file"})
_VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_PROFILE_VARIABLES = ("AWS_DEFAULT_PROFILE", "AWS_PROFILE")
_EDGES = " \t\r\n\"'"


def probe_credentials(*, may_call: bool) -> tuple[Resolution, Keys | None]:
    """The credentials of this process's environment, and how they were found.

    ``may_call``: credentials that STS has to be asked for may be asked for; else they are left.
    """
    named = next((os.environ[name] for name in _PROFILE_VARIABLES if os.environ.get(name)), "")
    source = Source(profile=named or "default", named=bool(named))
    session = Session()
    try:
        profiles: Mapping[str, Any] = session.full_config["profiles"]
    except (faults.ConfigParseError, faults.ConfigNotFound, OSError, UnicodeDecodeError) as fault:
        return Resolution(source, fault="unreadable", detail=_first_line(fault)), None
    choices = tuple(sorted(profiles))
    if named and named not in profiles:
        return Resolution(source, fault="profile", choices=choices), None
    profile = profiles.get(source.profile, {})
    try:
        found = session.get_component("credential_provider").load_credentials()
    except Exception as fault:  # noqa: BLE001 - botocore, and what the profile's program raises
        wanted = str(profile.get("source_profile", ""))
        return replace(_failed(source, fault, choices), wanted=wanted), None
    if found is None:
        return _none(source), None
    source = replace(source, method=str(found.method))
    role = _role(source.profile, profile) if found.method == "assume-role" else None
    if found.method not in _STATIC and found.method != "custom-process" and not may_call:
        return Resolution(source, fault="not asked", role=role), None
    return _frozen(found, _shadowed(source, profile), role, choices)


def _frozen(
    found: Any, source: Source, role: RoleStep | None, choices: tuple[str, ...]
) -> tuple[Resolution, Keys | None]:
    """The parts of the key; a role is assumed for them here."""
    try:
        parts = found.get_frozen_credentials()
    except faults.ClientError as fault:
        error = fault.response.get("Error", {})
        step = role or RoleStep(role_arn="")
        step = replace(step, code=str(error.get("Code")), message=str(error.get("Message")))
        return Resolution(source, fault="role", role=step), None
    except Exception as fault:  # noqa: BLE001 - as in probe_credentials
        return _failed(source, fault, choices), None
    keys = Keys(parts.access_key or "", parts.secret_key or "", parts.token or "")
    return Resolution(source, shape_of(keys, source.method), choices=choices, role=role), keys


def shape_of(keys: Keys, method: str) -> KeyShape:
    """How the parts look, without what they are."""
    parts = (keys.access_key_id, keys.secret_access_key, keys.session_token)
    names = _VARIABLES if method == ENVIRONMENT else tuple(name.lower() for name in _VARIABLES)
    bare = keys.access_key_id.strip(_EDGES)
    return KeyShape(
        bare if is_key_id(bare) else "",
        len(keys.access_key_id),
        len(keys.secret_access_key),
        len(keys.session_token),
        spaced=tuple(
            name for name, part in zip(names, parts, strict=True) if part != part.strip(_EDGES)
        ),
        swapped=is_key_id(keys.secret_access_key.strip(_EDGES)) and not is_key_id(bare),
    )


def source_key_id(profile_name: str) -> str:
    """The access key id with which a profile's role is assumed; empty where that is not known."""
    try:
        profiles: Mapping[str, Any] = Session().full_config["profiles"]
    except (faults.BotoCoreError, OSError):
        return ""
    profile = profiles.get(profile_name, {})
    if profile.get("credential_source") == "Environment":
        return os.environ.get(_VARIABLES[0], "").strip(_EDGES)
    source = profiles.get(profile.get("source_profile", ""), {})
    return str(source.get("aws_access_key_id", "")).strip(_EDGES)


def profile_keys(profile_name: str) -> Keys | None:
    """The long-term or temporary key that stands in a profile itself."""
    try:
        profile = Session().full_config["profiles"].get(profile_name, {})
    except (faults.BotoCoreError, OSError):
        return None
    parts = [str(profile.get(name.lower(), "")) for name in _VARIABLES]
    return Keys(*parts) if parts[0] and parts[1] else None


def _role(name: str, profile: Mapping[str, Any]) -> RoleStep:
    return RoleStep(role_arn=str(profile.get("role_arn", "")), profile=name)


def _shadowed(source: Source, profile: Mapping[str, Any]) -> Source:
    """The profile that the environment's key goes before, if it has another."""
    own = str(profile.get("aws_access_key_id", ""))
    other = own and own != os.environ.get(_VARIABLES[0])
    if source.method != ENVIRONMENT or not (other or (source.named and profile.get("role_arn"))):
        return source
    return replace(source, shadowed=source.profile, shadowed_id=own if is_key_id(own) else "")


def _none(source: Source) -> Resolution:
    """No credentials at all, or half of them in the environment, which botocore passes over."""
    for name, other in (_VARIABLES[:2], _VARIABLES[1::-1]):
        if os.environ.get(name) and not os.environ.get(other):
            half = replace(source, method=ENVIRONMENT)
            return Resolution(half, fault="incomplete", detail=f"{other} is missing")
    return Resolution(source, fault="missing")


def _failed(source: Source, fault: Exception, choices: tuple[str, ...]) -> Resolution:
    """What botocore's chain ended with; the texts of programs are not repeated."""
    if isinstance(fault, faults.PartialCredentialsError):
        provider = str(fault.kwargs.get("provider"))
        missing = f"{fault.kwargs.get('cred_var')} is missing"
        kind = "chain" if provider == "assume-role" else "incomplete"
        return Resolution(replace(source, method=provider), None, kind, missing, choices)
    if isinstance(fault, faults.ProfileNotFound):
        return Resolution(source, None, "profile", _first_line(fault), choices)
    if isinstance(fault, faults.InvalidConfigError | faults.InfiniteLoopConfigError):
        return Resolution(source, None, "chain", _first_line(fault), choices)
    if isinstance(fault, faults.CredentialRetrievalError | subprocess.SubprocessError | OSError):
        seen = "it cannot be run, ended with an error, or printed something else than credentials"
        method = str(getattr(fault, "kwargs", {}).get("provider", "custom-process"))
        kind = "process" if method == "custom-process" else "missing"
        return Resolution(replace(source, method=method), None, kind, seen, choices)
    if isinstance(fault, faults.ConnectionError | faults.HTTPClientError):
        return Resolution(source, None, "not asked", type(fault).__name__, choices)
    return Resolution(source, None, "unreadable", type(fault).__name__, choices)


def _first_line(fault: BaseException) -> str:
    return (str(fault).splitlines() or [""])[0]
