from __future__ import annotations

import configparser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hansa.awsmodels.ini import IniText

TEXT = """\
# my machines
[default]
region=eu-west-1
s3 =
    addressing_style = auto

    max_concurrent_requests = 5

; a comment
[profile "work"]
region = us-west-2
"""


@pytest.mark.parametrize("text", ["", "x", "[a]", TEXT, TEXT.replace("\n", "\r\n")])
def test_untouched_text_is_the_same(text: str) -> None:
    assert IniText(text).text() == text


def test_changes_one_line_only() -> None:
    ini = IniText(TEXT)
    ini.set("profile work", "region", "us-east-1")
    assert ini.text() == TEXT.replace("us-west-2", "us-east-1")


def test_adds_a_key_at_the_end_of_its_section() -> None:
    ini = IniText("[a]\nx = 1\n\n[b]\ny = 2")
    ini.set("a", "z", "3")
    ini.set("b", "w", "4")
    assert ini.text() == "[a]\nx = 1\nz = 3\n\n[b]\ny = 2\nw = 4\n"


def test_adds_a_section_after_an_empty_line() -> None:
    ini = IniText("[a]\nx = 1")
    ini.set("b", "s3", "", "addressing_style = path")
    assert ini.text() == "[a]\nx = 1\n\n[b]\ns3 =\n    addressing_style = path\n"


def test_keeps_line_ends() -> None:
    ini = IniText("[a]\r\nx = 1\r\n")
    ini.set("a", "y", "2")
    assert ini.text() == "[a]\r\nx = 1\r\ny = 2\r\n"


def test_deletes_a_key_with_the_lines_below_it() -> None:
    ini = IniText(TEXT)
    ini.delete("default", "s3")
    assert "addressing_style" not in ini.text()
    assert "max_concurrent_requests" not in ini.text()
    assert "; a comment" in ini.text()
    ini.delete("default", "absent")
    ini.delete("absent", "absent")


def test_reads() -> None:
    ini = IniText(TEXT)
    assert ini.sections() == ["default", "profile work"]
    assert ini.get("default", "s3") == ""
    assert ini.get("default", "absent") is None
    assert ini.get("absent", "region") is None
    assert ini.keys("default") == ["region", "s3"]
    assert ini.keys("absent") == []


WORD = st.text("abcdefgh_", min_size=1, max_size=8)


@given(st.dictionaries(WORD, st.dictionaries(WORD, WORD, max_size=4), max_size=4), WORD, WORD, WORD)
def test_the_standard_parser_agrees(
    sections: dict[str, dict[str, str]], section: str, key: str, value: str
) -> None:
    text = "".join(
        f"[{name}]\n" + "".join(f"{each} = {content}\n" for each, content in keys.items())
        for name, keys in sections.items()
    )
    ini = IniText(text)
    ini.set(section, key, value)
    parser = configparser.RawConfigParser(default_section="")
    parser.read_string(ini.text())
    expected = {name: dict(keys) for name, keys in sections.items()}
    expected.setdefault(section, {})[key] = value
    assert {name: dict(parser[name]) for name in parser.sections()} == expected
