"""Write ``src/hansa/awsapi/{managedblockchain,hansafabric}.py`` from the service models.

``--check`` writes nothing and fails if a file is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore import xform_name

from hansa.wire.model import load_hansafabric, load_managedblockchain

TARGETS = Path(__file__).parents[1] / "src/hansa/awsapi"
MODELS = {
    "ManagedBlockchainOperations": load_managedblockchain(),
    "HansaFabricOperations": load_hansafabric(),
}
HEADER = '''"""Types of the operations of ``{service}`` {version}.

Written by tools/generate_awsapi.py from the service model; do not edit. Member names are the
API's. In what only the service answers, ``None`` stands for a member without a value, and an
enumeration is a string.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NotRequired, Protocol, TypedDict

from hansa.domain.caller import Caller
'''
SCALARS = {
    "string": "str",
    "integer": "int",
    "long": "int",
    "float": "float",
    "double": "float",
    "boolean": "bool",
    "timestamp": "datetime",
    "blob": "bytes",
}


class Generator:
    """The module's text, from one service model."""

    def __init__(self, protocol_name: str, model: Any) -> None:
        self._protocol_name = protocol_name
        self._model = model
        self._operations = [model.operation_model(name) for name in sorted(model.operation_names)]
        self._names: dict[str, str] = {}
        self._input_shapes: dict[str, Any] = {}
        self._shapes: dict[str, Any] = {}
        for operation in self._operations:
            self._names[operation.input_shape.name] = f"{operation.name}Input"
            self._names[operation.output_shape.name] = f"{operation.name}Output"
            collect(operation.input_shape, self._input_shapes)
        for operation in self._operations:
            collect(operation.input_shape, self._shapes)
            collect(operation.output_shape, self._shapes)

    def text(self) -> str:
        ordered = [self._shapes[name] for name in sorted(self._shapes, key=self._name_of)]
        enums = [self._enum(shape) for shape in ordered if is_enum(shape)]
        structures = [self._structure(shape) for shape in ordered if is_structure(shape)]
        parts = [self._header(), "\n".join(enums), *structures, self._protocol()]
        return "\n\n".join(part.strip("\n") + "\n" for part in parts)

    def _header(self) -> str:
        return HEADER.format(service=self._model.service_name, version=self._model.api_version)

    def _name_of(self, shape_name: str) -> str:
        return self._names.get(shape_name, shape_name)

    def _type_of(self, shape: Any, *, answered: bool) -> str:
        if shape.type_name == "list":
            return f"list[{self._type_of(shape.member, answered=answered)}]"
        if shape.type_name == "map":
            key, value = (
                self._type_of(shape.key, answered=answered),
                self._type_of(shape.value, answered=answered),
            )
            return f"dict[{key}, {value}]"
        if shape.type_name == "structure" or (is_enum(shape) and not answered):
            return self._name_of(shape.name)
        return SCALARS[shape.type_name]

    def _enum(self, shape: Any) -> str:
        line = f"{shape.name} = Literal[{', '.join(quoted(value) for value in shape.enum)}]"
        if len(line) <= 100:
            return line
        values = "".join(f"    {quoted(value)},\n" for value in shape.enum)
        return f"{shape.name} = Literal[\n{values}]"

    def _structure(self, shape: Any) -> str:
        answered = shape.name not in self._input_shapes
        lines = [f"class {self._name_of(shape.name)}(TypedDict):"]
        for name, member in shape.members.items():
            kind = self._type_of(member, answered=answered) + (" | None" if answered else "")
            required = name in shape.required_members
            lines.append(f"    {name}: {kind if required else f'NotRequired[{kind}]'}")
        return "\n".join(lines if shape.members else [*lines, "    pass"]) + "\n"

    def _protocol(self) -> str:
        lines = [
            f"class {self._protocol_name}(Protocol):",
            '    """What an implementation of the API offers: a method for each operation."""',
        ]
        for operation in self._operations:
            lines += ["", *self._method(operation)]
        return "\n".join(lines) + "\n"

    def _method(self, operation: Any) -> Iterator[str]:
        taken = self._name_of(operation.input_shape.name)
        given = self._name_of(operation.output_shape.name)
        name = xform_name(operation.name)
        signature = f"    def {name}(self, caller: Caller, request: {taken}) -> {given}:"
        if len(signature) <= 100:
            yield signature
        else:
            yield f"    def {name}("
            yield f"        self, caller: Caller, request: {taken}"
            yield f"    ) -> {given}:"
        yield f'        """{operation.http["method"]} {operation.http["requestUri"]}."""'
        yield "        ..."


def quoted(value: str) -> str:
    return f'"{value}"'


def is_enum(shape: Any) -> bool:
    return bool(getattr(shape, "enum", None))


def is_structure(shape: Any) -> bool:
    return bool(shape.type_name == "structure")


def collect(shape: Any, found: dict[str, Any]) -> None:
    """Add ``shape`` and all it is made of to ``found``, by name."""
    if shape.name in found:
        return
    found[shape.name] = shape
    if shape.type_name == "structure":
        for member in shape.members.values():
            collect(member, found)
    elif shape.type_name == "list":
        collect(shape.member, found)
    elif shape.type_name == "map":
        collect(shape.key, found)
        collect(shape.value, found)


def main(arguments: list[str]) -> int:
    outdated = 0
    for protocol_name, model in MODELS.items():
        target = TARGETS / f"{model.service_name}.py"
        text = Generator(protocol_name, model).text()
        if "--check" not in arguments:
            target.write_text(text)
        elif not target.exists() or target.read_text() != text:
            print(f"{target} is out of date: run tools/generate_awsapi.py", file=sys.stderr)
            outdated += 1
    return 1 if outdated else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
