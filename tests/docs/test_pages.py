"""The documentation is complete, up to date, and its links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from botocore.loaders import Loader

from hansa.cli.exits import MEANINGS, Exit
from hansa.cli.main import COMMANDS
from hansa.domain import errors
from hansa.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def _read(name: str) -> str:
    return (ROOT / name).read_text()


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", title.lower()) for title in titles)
    return {title.replace(" ", "-") for title in plain}


def _links(page: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    yield from LINK.findall(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in _links(page):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (anchor and anchor not in _anchors(target.read_text())):
            broken.append(link)
    assert broken == []


def test_every_page_is_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        linked = (link.partition("#")[0] for link in _links(page) if "://" not in link)
        waiting += [(page.parent / path).resolve() for path in linked if path]
    assert [page for page in ROOT.glob("docs/**/*.md") if page not in reached] == []


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "tools/generate_docs.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_every_setting_has_its_row(name: str) -> None:
    assert re.search(rf"^\| `{name}` \| .+ \| .+ \|$", _read("docs/settings.md"), re.MULTILINE)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_its_section(name: str) -> None:
    assert f"\n## hansa {name}\n" in _read("docs/cli.md")


def test_every_exit_code_has_its_meaning() -> None:
    assert set(MEANINGS) == set(Exit)


def test_every_operation_has_its_row() -> None:
    model = Loader().load_service_model("managedblockchain", "service-2", "2018-09-24")
    text = _read("docs/api-coverage.md")
    operations = set(model["operations"]) | {"DeleteNetwork"}
    assert {name for name in operations if f"\n| {name} | " not in text} == set()


def test_every_error_of_the_api_is_described() -> None:
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.ServiceError)
    ]
    text = _read("docs/errors.md")
    codes = {value.code: value.status for value in classes}
    assert {code for code, status in codes.items() if f"| `{code}` | {status} | " not in text} == (
        set()
    )


def test_the_readme_names_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):.*?##", _read("Makefile"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z]+)`", page.read_text())}
    assert named <= targets
    assert {"up", "down", "status", "test", "check", "bench", "docs", "clean", "help"} <= targets
