"""Chaincode definitions by Fabric 1's lifecycle: checked and completed. Pure.

It tells deployments of a name apart by their versions, has signature policies only, and runs the
chaincode's ``Init`` with each. Source: "Chaincode for Operators" and "Private data" in the
documentation of Fabric 1.4.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from hansa.awsapi import hansafabric as api
from hansa.domain.errors import IllegalActionError, InvalidRequestError
from hansa.fabric.chaincodes import Definition
from hansa.fabric.ledgers import Channel
from hansa.fabric.legacy import Installed, Instantiated, LegacyPackage
from hansa.operations.definitions import to_definition

_LAST_NUMBER = re.compile(r"\d+\Z")


def check_legacy_definition(asked: api.ChaincodeDefinition, channel: Channel) -> None:
    """Raises :class:`InvalidRequestError` for what only Fabric 2's lifecycle has."""
    policy = asked.get("EndorsementPolicy") or ""
    collections = asked.get("Collections") or []
    faults = [
        *(["'definition.sequence' is for Fabric 2's"] if "Sequence" in asked else []),
        *(
            ["'definition.endorsementPolicy' has to be a policy of members, not a path"]
            if policy.startswith("/")
            else []
        ),
        *(
            f"collection {collection['Name']} cannot have an 'endorsementPolicy' of its own"
            for collection in collections
            if collection.get("EndorsementPolicy")
        ),
    ]
    if faults:
        raise InvalidRequestError(
            f"The request is not valid: {'; '.join(faults)}. Channel {channel.name} has "
            f"capability {channel.capability or 'none'}, with the chaincode lifecycle of Fabric 1"
        )


def check_legacy_language(language: str) -> None:
    """Raises :class:`IllegalActionError` for a package that only Fabric 2's lifecycle takes."""
    if language == "ccaas":
        raise IllegalActionError(
            "Chaincode that runs as a service is not for the chaincode lifecycle of Fabric 1: take "
            "a package of its source code, or a channel with capability V2_0 or later"
        )


def complete_legacy(
    asked: api.ChaincodeDefinition,
    members: Collection[str],
    package: LegacyPackage,
    in_force: Instantiated | None,
    installed: Iterable[Installed],
) -> Definition:
    """What is asked for, with what was left out; ``members`` are the channel's.

    The version is the one in force where nothing differs, else the next one that ``installed``,
    which is what the peers have, leaves free. Raises :class:`IllegalActionError` where the version
    asked for is in force with something else, or where a collection would be taken away.
    """
    version = asked.get("Version")
    if in_force is not None and version in (None, in_force.definition.version):
        definition = _definition(asked, members, in_force.definition.version)
        if in_force == Instantiated(definition, package.at(definition.version).fingerprint):
            return definition
        if version is not None:
            raise IllegalActionError(
                f"Version {version} of chaincode {asked['Name']} is in force with other code or "
                "with another definition, and Fabric 1 tells deployments apart by their versions: "
                "give another version, or none"
            )
    if version is None:
        former = in_force.definition.version if in_force else "0"
        version = _next_version(former, package, installed)
    definition = _definition(asked, members, version)
    if in_force is not None:
        _check_kept(in_force.definition, definition)
    return definition


def _definition(
    asked: api.ChaincodeDefinition, members: Collection[str], version: str
) -> Definition:
    """Fabric 1's own default is that any member endorses."""
    any_member = ", ".join(f"'{member}.member'" for member in sorted(members))
    policy = asked.get("EndorsementPolicy") or f"OR({any_member})"
    whole = {**asked, "EndorsementPolicy": policy, "InitRequired": True}
    return to_definition(whole, version, 0)


def _next_version(former: str, package: LegacyPackage, installed: Iterable[Installed]) -> str:
    """A peer keeps what it could not build, and never replaces a version."""
    taken = {
        found.version
        for found in installed
        if found.name == package.name and found.fingerprint != package.at(found.version).fingerprint
    }
    version = former
    while version == former or version in taken:
        version = _counted_on(version)
    return version


def _counted_on(version: str) -> str:
    number = _LAST_NUMBER.search(version)
    if number is None:
        return f"{version}1"
    return f"{version[: number.start()]}{int(number[0]) + 1}"


def _check_kept(former: Definition, wanted: Definition) -> None:
    """Fabric keeps a collection, and how long its data lives, for as long as the chaincode."""
    kept = {collection.name: collection.blocks_to_live for collection in wanted.collections}
    for collection in former.collections:
        if kept.get(collection.name) != collection.blocks_to_live:
            raise IllegalActionError(
                f"Collection {collection.name} of chaincode {former.name} is in force with "
                f"BlockToLive {collection.blocks_to_live}, and Fabric 1 lets nobody take it away "
                "or change that: name it in the definition as it is"
            )
