"""Types with named fields: dataclasses, TypedDicts, plain classes, and pydantic's models."""

from __future__ import annotations

import dataclasses
import inspect
from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NotRequired, Protocol, Required, get_origin, is_typeddict

from hansa_contract import canonical
from hansa_contract.canonical import InvalidValueError
from hansa_contract.types.base import Components, Schema, Type, wrong

Resolve = Callable[[object, str], Type]
Hints = Callable[[type], dict[str, object]]


@dataclasses.dataclass(frozen=True)
class Field:
    """``name`` is the key in JSON, ``attribute`` Python's."""

    name: str
    attribute: str
    type: Type
    required: bool


class ObjectType(Type):
    """A JSON object with these fields and no others."""

    def __init__(self, cls: type, fields: Callable[[], list[Field]]) -> None:
        self._cls = cls
        self._find = fields

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """Found at first use, as a type may contain itself."""
        return {field.name: field for field in self._find()}

    def schema(self, components: Components) -> Schema:
        return components.refer(self._cls.__name__, self._cls, lambda: self._describe(components))

    def from_json(self, value: object, path: str) -> Any:
        if not isinstance(value, dict):
            raise wrong(path, f"an object of type {self._cls.__name__}", value)
        for name in value:
            if name not in self.fields:
                known = ", ".join(self.fields)
                raise InvalidValueError(f"{path}.{name}", f"is no field; there are: {known}")
        found = {}
        for field in self.fields.values():
            if field.name in value:
                item = field.type.from_json(value[field.name], f"{path}.{field.name}")
                found[field.attribute] = item
            elif field.required:
                raise InvalidValueError(f"{path}.{field.name}", "is missing")
        return self._make(found, path)

    def _make(self, found: dict[str, Any], path: str) -> Any:
        try:
            return self._cls(**found)
        except (TypeError, ValueError) as fault:  # a rule of the class itself
            raise InvalidValueError(path, f"is no valid {self._cls.__name__}: {fault}") from fault

    def to_json(self, value: Any, path: str) -> object:
        present = self._read(value, path)
        written = {}
        for field in self.fields.values():
            if field.attribute in present:
                item = present[field.attribute]
                written[field.name] = field.type.to_json(item, f"{path}.{field.name}")
            elif field.required:
                raise InvalidValueError(f"{path}.{field.name}", "is missing")
        return written

    @abstractmethod
    def _read(self, value: Any, path: str) -> Mapping[str, Any]:
        """The value's fields, by attribute."""

    def _describe(self, components: Components) -> Schema:
        schema: Schema = {
            "type": "object",
            "properties": {
                field.name: field.type.schema(components) for field in self.fields.values()
            },
            "additionalProperties": False,
        }
        required = [field.name for field in self.fields.values() if field.required]
        return schema | ({"required": required} if required else {})


class InstanceType(ObjectType):
    """A dataclass, or a class whose constructor says its fields."""

    def _read(self, value: Any, path: str) -> Mapping[str, Any]:
        if not isinstance(value, self._cls):
            raise wrong(path, f"of type {self._cls.__name__}", type(value).__name__)
        attributes = (field.attribute for field in self.fields.values())
        return {name: getattr(value, name) for name in attributes if hasattr(value, name)}


class TypedDictType(ObjectType):
    def _read(self, value: Any, path: str) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise wrong(path, f"a {self._cls.__name__}", type(value).__name__)
        for name in value:
            if name not in self.fields:
                raise InvalidValueError(f"{path}.{name}", f"is no field of {self._cls.__name__}")
        return value


class Model(Protocol):
    """What is used of a pydantic model, so that pydantic is not needed where none is."""

    __name__: str

    def model_validate_json(self, data: bytes) -> Any: ...
    def model_json_schema(self, *, ref_template: str) -> dict[str, Any]: ...


class ModelType(Type):
    """A pydantic model: its own rules decide, its own serializers write."""

    def __init__(self, cls: Any) -> None:
        self._cls: Model = cls

    def schema(self, components: Components) -> Schema:
        described = self._cls.model_json_schema(ref_template="#/components/schemas/{model}")
        for name, schema in described.pop("$defs", {}).items():
            components.refer(name, _Named.of(schema), lambda schema=schema: schema)  # type: ignore[misc]
        return components.refer(self._cls.__name__, self._cls, lambda: described)

    def from_json(self, value: object, path: str) -> Any:
        try:
            return self._cls.model_validate_json(canonical.write(value, path))
        except ValueError as fault:
            raise _refused(path, fault) from fault

    def to_json(self, value: Any, path: str) -> object:
        if not isinstance(value, self._cls):  # type: ignore[arg-type]
            raise wrong(path, f"of type {self._cls.__name__}", type(value).__name__)
        return value.model_dump(mode="json", by_alias=True)


class _Named:
    """Stands for the owner of a nested model's schema: the same text is the same type."""

    _known: dict[bytes, _Named] = {}

    @classmethod
    def of(cls, schema: Schema) -> _Named:
        return cls._known.setdefault(canonical.write(schema), cls())


def _refused(path: str, fault: ValueError) -> InvalidValueError:
    """The errors of pydantic, the first three, without the values."""
    errors = getattr(fault, "errors", None)
    if not callable(errors):
        return InvalidValueError(path, f"is not valid: {fault}")
    found = errors(include_url=False, include_input=False, include_context=False)
    told = [".".join([path, *map(str, error["loc"])]) + f": {error['msg']}" for error in found[:3]]
    return InvalidValueError(path, "is not valid: " + "; ".join(told))


def object_type(cls: type, resolve: Resolve, hints: Hints) -> Type | None:
    """The type of a class with fields; None where it has none that can be told."""
    if hasattr(cls, "model_validate_json"):
        return ModelType(cls)
    if is_typeddict(cls):
        return TypedDictType(cls, lambda: _typed_dict_fields(cls, resolve, hints))
    if dataclasses.is_dataclass(cls):
        return InstanceType(cls, lambda: _dataclass_fields(cls, resolve, hints))
    if "__init__" in vars(cls) and cls.__module__ != "builtins":
        return InstanceType(cls, lambda: _constructor_fields(cls, resolve, hints))
    return None


def _dataclass_fields(cls: type, resolve: Resolve, hints: Hints) -> list[Field]:
    found = hints(cls)
    fields = []
    for field in dataclasses.fields(cls):
        name = field.metadata.get("name", field.name)
        given = (field.default, field.default_factory)
        required = all(default is dataclasses.MISSING for default in given)
        if field.init:
            kind = resolve(found[field.name], f"{cls.__name__}.{field.name}")
            fields.append(Field(name, field.name, kind, required))
    return fields


def _typed_dict_fields(cls: type, resolve: Resolve, hints: Hints) -> list[Field]:
    needed: frozenset[str] = getattr(cls, "__required_keys__", frozenset())
    marks: dict[object, bool] = {
        Required: True,
        NotRequired: False,
    }  # not in required_keys where hints are texts
    return [
        Field(
            name,
            name,
            resolve(hint, f"{cls.__name__}.{name}"),
            marks.get(get_origin(hint), name in needed),
        )
        for name, hint in hints(cls).items()
    ]


def _constructor_fields(cls: type, resolve: Resolve, hints: Hints) -> list[Field]:
    init = vars(cls)["__init__"]
    found = hints(init)
    fields = []
    for name, parameter in list(inspect.signature(init).parameters.items())[1:]:
        if name not in found:
            raise TypeError(f"{cls.__name__}.__init__: parameter {name} needs a type hint")
        kind = resolve(found[name], f"{cls.__name__}.{name}")
        fields.append(Field(name, name, kind, parameter.default is parameter.empty))
    return fields
