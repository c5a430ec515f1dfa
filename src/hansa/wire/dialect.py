"""CloudFormation's spellings of configurations, which recipes and raw HTTP clients use.

Source: the CloudFormation reference of ``AWS::ManagedBlockchain::Member``, properties
``NetworkFrameworkConfiguration``, ``NetworkFabricConfiguration``, ``MemberFrameworkConfiguration``
and ``MemberFabricConfiguration``.
"""

from __future__ import annotations

from typing import Any

from hansa.wire.validate import Faults, fault, field_name

# By operation: the object that holds a member, the spelling there, the API's name for it. In order,
# since the later objects are found under the names that the earlier lines give.
_MEMBER_SPELLINGS = (
    (("MemberConfiguration",), "MemberFrameworkConfiguration", "FrameworkConfiguration"),
    (("MemberConfiguration", "FrameworkConfiguration"), "MemberFabricConfiguration", "Fabric"),
)
_SPELLINGS: dict[str, tuple[tuple[tuple[str, ...], str, str], ...]] = {
    "CreateNetwork": (
        ((), "NetworkFrameworkConfiguration", "FrameworkConfiguration"),
        (("FrameworkConfiguration",), "NetworkFabricConfiguration", "Fabric"),
        *_MEMBER_SPELLINGS,
    ),
    "CreateMember": _MEMBER_SPELLINGS,
}


def cloudformation_dialect(
    operation: str, document: dict[str, Any], faults: Faults
) -> dict[str, Any]:
    """``document`` in the API's spelling; a member spelt both ways at once is a fault."""
    for path, spelling, name in _SPELLINGS.get(operation, ()):
        holder: Any = document
        for step in path:
            holder = holder.get(step) if isinstance(holder, dict) else None
        if not isinstance(holder, dict) or holder.get(spelling) is None:
            continue
        given = holder.pop(spelling)
        if holder.get(name) is None:
            holder[name] = given
        else:
            place = ".".join(field_name(step) for step in (*path, spelling))
            faults.append(
                fault(place, f"Member must not be given together with '{field_name(name)}'")
            )
    return document
