"""The editions' limits as this installation sets them."""

from __future__ import annotations

from dataclasses import replace

from hansa.domain.editions import EDITIONS, Edition
from hansa.settings import Settings


def edition_limits(settings: Settings, name: str) -> Edition:
    """The limits of edition ``name``, with the installation's settings applied."""
    if name == "STARTER":
        return replace(
            EDITIONS[name],
            members_max=settings.starter_members_max,
            nodes_per_member_max=settings.starter_nodes_per_member_max,
            networks_per_account_max=settings.networks_per_account_max,
            orderers=settings.starter_orderers,
        )
    return replace(
        EDITIONS[name],
        members_max=settings.standard_members_max,
        nodes_per_member_max=settings.standard_nodes_per_member_max,
        networks_per_account_max=settings.networks_per_account_max,
        orderers=settings.standard_orderers,
    )


def port_range(text: str) -> range:
    """``"30001-34000"`` as a range that includes both ends. Raises ``ValueError``."""
    first, dash, last = text.partition("-")
    if not dash or not 1024 <= int(first) <= int(last) <= 65535:
        raise ValueError(f"{text!r} is not a range of ports such as 30001-34000")
    return range(int(first), int(last) + 1)
