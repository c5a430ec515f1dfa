"""Which contracts a package holds, and what it says where they cannot be loaded."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hansa_contract.cli import main
from hansa_contract.contract_chaincode import ContractChaincode
from hansa_contract.loading import LoadingError, load_chaincode

CONTRACT = """from hansa_contract import Context, Contract, evaluate


class {name}(Contract):
    @evaluate
    def read(self, ctx: Context) -> str:
        return "read"
"""

OWN = """from hansa_contract import success


class Own:
    async def init(self, stub):
        return success()

    async def invoke(self, stub):
        return success()


chaincode = Own()
"""

Write = Callable[..., Path]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes a package; its modules are forgotten after the test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)

    def write(**files: str) -> Path:
        for name, text in files.items():
            file = tmp_path / name.replace("__", "/").replace("_toml", ".toml")
            file = file if file.suffix else file.with_suffix(".py")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path

    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


def contracts(directory: Path, *names: str) -> list[str]:
    chaincode = load_chaincode(directory, names)
    assert isinstance(chaincode, ContractChaincode)
    return [name for name in chaincode.metadata["contracts"] if not name.startswith("org.")]


def test_the_only_module_is_taken(package: Write) -> None:
    directory = package(assets=CONTRACT.format(name="Assets"), test_assets="1 / 0", conftest="")
    assert contracts(directory) == ["Assets"]


def test_the_module_with_the_projects_name_is_taken(package: Write) -> None:
    directory = package(
        pyproject_toml='[project]\nname = "my-assets"\n',
        src__my_assets=CONTRACT.format(name="Mine"),
        main="1 / 0",
    )
    assert contracts(directory) == ["Mine"]


def test_a_module_with_a_usual_name_is_taken(package: Write) -> None:
    directory = package(helper="X = 1", contract=CONTRACT.format(name="Usual"))
    assert contracts(directory) == ["Usual"]


def test_the_package_may_name_its_contracts(package: Write) -> None:
    directory = package(
        pyproject_toml='[tool.hansa-contract]\ncontracts = ["a:One", "b"]\n',
        a=CONTRACT.format(name="One") + CONTRACT.format(name="Two"),
        b=CONTRACT.format(name="Three"),
    )
    assert contracts(directory) == ["One", "Three"]
    assert contracts(directory, "a") == ["One", "Two"]


def test_a_list_in_the_module_counts(package: Write) -> None:
    text = CONTRACT.format(name="One") + CONTRACT.format(name="Two") + "\n\ncontracts = [Two]\n"
    assert contracts(package(main=text)) == ["Two"]


def test_a_contract_that_was_imported_from_elsewhere_does_not_count(package: Write) -> None:
    text = "from base import Base\n\n\nclass Own(Base):\n    pass\n"
    assert contracts(package(main=text, base=CONTRACT.format(name="Base"))) == ["Own"]


def test_a_chaincode_without_the_contract_api(package: Write) -> None:
    assert type(load_chaincode(package(main=OWN))).__name__ == "Own"


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({}, "there is no Python module"),
        ({"a": "", "b": ""}, "there is a, b. Name it in pyproject.toml"),
        ({"main": "X = 1"}, "main defines no contract"),
        ({"main": "import nothing_like_it"}, "main.py:1: ModuleNotFoundError: No module named"),
        ({"main": "\n\nclass {\n"}, "main.py:3:7: SyntaxError"),
        ({"main": "import other", "other": "x = 1\ny = z\n"}, "other.py:2: NameError: name 'z'"),
        ({"main": "raise SystemExit(1)"}, "main.py:1: SystemExit: 1"),
        ({"main": "contracts = [1]"}, "1 is no contract"),
        ({"main": "class A: pass\n\n\ncontracts = [A, A]"}, "derive it from Contract"),
        ({"main": CONTRACT.format(name="A") + "\n\ncontracts = [A, A]"}, "cannot be served"),
        ({"main": "", "pyproject_toml": "["}, "pyproject.toml cannot be read"),
        (
            {"main": "", "pyproject_toml": "[tool.hansa-contract]\ncontracts = 3\n"},
            "must be a list",
        ),
        (
            {"main": "", "pyproject_toml": '[tool.hansa-contract]\ncontracts = ["main:X"]\n'},
            "main has no X",
        ),
    ],
)
def test_what_cannot_be_loaded_says_why(package: Write, files: dict[str, str], text: str) -> None:
    with pytest.raises(LoadingError) as caught:
        load_chaincode(package(**files))
    assert text in str(caught.value)


def test_the_command_tells_it(package: Write, capsys: pytest.CaptureFixture[str]) -> None:
    directory = package(main=CONTRACT.format(name="A"))
    assert main(["check", "--directory", str(directory)]) == 0
    assert main(["check", "--directory", str(directory), "main:B"]) == 1
    assert capsys.readouterr().err == "hansa-contract: main has no B, which pyproject.toml names\n"
