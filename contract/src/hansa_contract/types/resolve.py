"""From type hints to types."""

from __future__ import annotations

import types
import typing
from collections import abc
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

from hansa_contract.types.anything import AnyType
from hansa_contract.types.base import Type
from hansa_contract.types.choices import EnumType, LiteralType, NoneType, OptionalType, UnionType
from hansa_contract.types.collections import ListType, MappingType, TupleType
from hansa_contract.types.objects import object_type
from hansa_contract.types.rules import RuledType, rule_of
from hansa_contract.types.scalars import (
    BooleanType,
    BytesType,
    DatetimeType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    StringType,
)

SCALARS: Mapping[object, Type] = {
    str: StringType(),
    int: IntegerType(),
    float: FloatType(),
    bool: BooleanType(),
    bytes: BytesType(),
    Decimal: DecimalType(),
    datetime: DatetimeType(),
    date: DateType(),
    type(None): NoneType(),
    None: NoneType(),
}
LISTS = (list, abc.Sequence, abc.MutableSequence, abc.Collection, abc.Iterable)
MAPPINGS = (dict, abc.Mapping, abc.MutableMapping)
SETS = (set, frozenset, abc.Set, abc.MutableSet)
KNOWN = (
    "str, int, float, bool, bytes, Decimal, datetime, date, list, tuple, dict, Optional, Union, "
    "Literal, Enum, dataclasses, TypedDict and pydantic models"
)


def hints_of(owner: Any) -> dict[str, object]:
    """The type hints of a class or function, with ``Annotated`` and ``Required`` kept.

    Raises :class:`TypeError` for a name that cannot be found.
    """
    try:
        return typing.get_type_hints(owner, include_extras=True)
    except NameError as fault:
        name = getattr(owner, "__qualname__", repr(owner))
        raise TypeError(
            f"{name}: {fault}. A type hint must name what its module imports at run time, "
            "not only for type checkers"
        ) from fault


def resolve(hint: object, where: str = "the hint") -> Type:
    """Raises :class:`TypeError` for a hint whose values have no fixed form; it names ``where``."""
    hint = _plain(hint)
    if hint in (Any, object) or isinstance(hint, typing.TypeVar):
        return ANY
    if isinstance(hint, abc.Hashable) and hint in SCALARS:
        return SCALARS[hint]
    origin = typing.get_origin(hint) or hint
    if origin in SETS:
        raise TypeError(f"{where}: the items of a set have no fixed order; use a list")
    if isinstance(origin, type) and origin is hint and not _is_bare(origin):
        return _class(origin)
    return _generic(origin, typing.get_args(hint), where)


def _plain(hint: Any) -> object:
    """What stands behind a ``NewType`` or a ``type`` statement."""
    while isinstance(hint, typing.NewType) or hasattr(hint, "__value__"):
        hint = hint.__supertype__ if isinstance(hint, typing.NewType) else hint.__value__
    return hint


def _is_bare(origin: type) -> bool:
    """``list`` and the like, without what they hold."""
    return origin is tuple or origin in LISTS or origin in MAPPINGS


@cache
def _class(cls: type) -> Type:
    if issubclass(cls, Enum):
        return EnumType(cls)
    found = object_type(cls, resolve, hints_of)
    if found is None:
        raise TypeError(f"{cls.__name__} is no type of arguments and results; these are: {KNOWN}")
    return found


def _generic(origin: Any, args: tuple[Any, ...], where: str) -> Type:
    if origin is typing.Annotated:
        return _annotated(args, where)
    if origin in (typing.Required, typing.NotRequired, typing.Final, typing.ClassVar):
        return resolve(args[0], where)
    if origin in (typing.Union, types.UnionType):
        return _union(args, where)
    if origin is typing.Literal:
        return LiteralType(args)
    return _container(origin, args, where)


def _container(origin: Any, args: tuple[Any, ...], where: str) -> Type:
    if origin is tuple:
        repeated = not args or args[-1] is Ellipsis
        items = [resolve(item, where) for item in args if item is not Ellipsis] or [ANY]
        return TupleType(items, repeated=repeated)
    if origin in LISTS:
        return ListType(resolve(args[0], where) if args else ANY)
    if origin in MAPPINGS:
        key, value = args or (str, Any)
        return MappingType(resolve(key, where), resolve(value, where))
    raise TypeError(f"{where}: {origin!r} is no type of arguments and results; these are: {KNOWN}")


def _annotated(args: tuple[Any, ...], where: str) -> Type:
    found = resolve(args[0], where)
    for rule in filter(None, map(rule_of, args[1:])):
        found = RuledType(found, rule)
    return found


def _union(args: tuple[Any, ...], where: str) -> Type:
    members = [resolve(member, where) for member in args if member is not type(None)]
    inner = members[0] if len(members) == 1 else UnionType(members)
    return OptionalType(inner) if type(None) in args else inner


ANY: Type = AnyType(typing.cast("Callable[[type], Type]", resolve))
