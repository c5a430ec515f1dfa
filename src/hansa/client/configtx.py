"""What Fabric 2.5's configtxgen needs that a Fabric 1.x ``configtx.yaml`` does not say.

Fabric 1.x filled in the default policies itself; 2.5 refuses a file without them (``no policies
defined``). The file in the AMB guide of 2019 (step 6.1) is such a file: no ``Policies``, an anchor
peer with a blank host, and ``MSPDir: /opt/home/admin-msp``, a path inside the guide's container.
The defaults here are those of Fabric 1.x, and of Fabric's sample configuration for what is new.

Pure: a document goes in, a document comes out; the one given is never changed.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

CONTAINER_HOME = "/opt/home"
"""Where the guide's container sees the user's home directory."""

Document = dict[str, Any]


def map_home(path: str, home: str | None) -> str:
    """``path`` with ``home`` for the guide's ``/opt/home``; unchanged where that is None."""
    if home is None or not (path == CONTAINER_HOME or path.startswith(CONTAINER_HOME + "/")):
        return path
    return home.rstrip("/") + path[len(CONTAINER_HOME) :]


def complete(document: Mapping[str, Any], home: str | None) -> Document:
    """The document as Fabric 2.5 takes it: policies filled in where absent, blank anchors dropped.

    ``home`` stands for ``/opt/home`` in MSP directories; None leaves them. A document that needs
    nothing comes out equal.
    """
    result = dict(document)
    if _get(result, "Organizations"):
        _replace(result, "Organizations", [_organization(o, home) for o in _list(result)])
    if _get(result, "Application"):
        _replace(result, "Application", _application(_get(result, "Application"), home))
    if _get(result, "Profiles"):
        profiles = _get(result, "Profiles")
        _replace(result, "Profiles", {name: _profile(p, home) for name, p in profiles.items()})
    return result


def with_absolute_paths(document: Any, directory: str) -> Any:
    """The document with its file paths, which are relative to ``directory``, made absolute."""
    if isinstance(document, list):
        return [with_absolute_paths(item, directory) for item in document]
    if not isinstance(document, Mapping):
        return document
    return {
        key: _absolute(value, directory)
        if str(key).lower() in _PATH_KEYS and isinstance(value, str) and value
        else with_absolute_paths(value, directory)
        for key, value in document.items()
    }


_PATH_KEYS = frozenset({"mspdir", "clienttlscert", "servertlscert"})


def _absolute(path: str, directory: str) -> str:
    return path if PurePosixPath(path).is_absolute() else posixpath.join(directory, path)


def _profile(profile: Any, home: str | None) -> Any:
    if not isinstance(profile, Mapping):
        return profile
    result = dict(profile)
    _default(result, "Policies", _channel_policies())
    if _get(result, "Application"):
        _replace(result, "Application", _application(_get(result, "Application"), home))
    return result


def _application(application: Mapping[str, Any], home: str | None) -> Document:
    result = dict(application)
    majority = _implicit("MAJORITY Endorsement")
    _default(
        result,
        "Policies",
        {**_channel_policies(), "LifecycleEndorsement": majority, "Endorsement": majority},
    )
    if _get(result, "Organizations"):
        _replace(result, "Organizations", [_organization(o, home) for o in _list(result)])
    return result


def _organization(organization: Any, home: str | None) -> Any:
    if not isinstance(organization, Mapping):
        return organization
    result = dict(organization)
    directory = _get(result, "MSPDir")
    if isinstance(directory, str):
        _replace(result, "MSPDir", map_home(directory, home))
    anchors = _get(result, "AnchorPeers")
    if anchors and not any(isinstance(a, Mapping) and _get(a, "Host") for a in anchors):
        result = {key: value for key, value in result.items() if key.lower() != "anchorpeers"}
    _default(result, "Policies", _organization_policies(str(_get(result, "ID"))))
    return result


def _organization_policies(msp_id: str) -> Document:
    def of(role: str) -> Document:
        return {"Type": "Signature", "Rule": f"OR('{msp_id}.{role}')"}

    return {
        "Readers": of("member"),
        "Writers": of("member"),
        "Admins": of("admin"),
        "Endorsement": of("member"),
    }


def _channel_policies() -> Document:
    return {
        "Readers": _implicit("ANY Readers"),
        "Writers": _implicit("ANY Writers"),
        "Admins": _implicit("MAJORITY Admins"),
    }


def _implicit(rule: str) -> Document:
    return {"Type": "ImplicitMeta", "Rule": rule}


# configtxgen reads its file through viper, which takes keys in any case.


def _key(mapping: Mapping[str, Any], name: str) -> str:
    return next((key for key in mapping if str(key).lower() == name.lower()), name)


def _get(mapping: Mapping[str, Any], name: str) -> Any:
    return mapping.get(_key(mapping, name))


def _list(mapping: Mapping[str, Any]) -> list[Any]:
    return list(_get(mapping, "Organizations"))


def _replace(mapping: Document, name: str, value: Any) -> None:
    mapping[_key(mapping, name)] = value


def _default(mapping: Document, name: str, value: Document) -> None:
    """Set ``name`` where it is absent or blank; a blank ``Policies:`` is no policies either."""
    if not _get(mapping, name):
        _replace(mapping, name, value)
