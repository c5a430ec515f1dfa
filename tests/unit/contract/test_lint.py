"""The lint finds what differs between peers, and leaves alone what does not."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from hansa_contract.cli import main
from hansa_contract.lint import RULES, lint, lint_paths

ROOT = Path(__file__).parents[3]

HEADER = """
import asyncio, concurrent.futures, datetime as dt, hashlib, json, math, os, pickle, random
import secrets, socket, subprocess, threading, time, uuid, locale, requests
from dataclasses import dataclass, field
from datetime import datetime, date, timezone
from decimal import Decimal
from pathlib import Path
from time import time as now
from uuid import uuid4
from hansa_contract import Contract, to_json

CACHE = {}
SEEN = []

class Sample(Contract):
    def __init__(self):
        self.fixed = "may be set here"

    def run(self, ctx, text: str, tags: set[str], price: float, total: Decimal, items: list):
"""

BAD = {
    "HC001": [
        "x = time.time()",
        "x = now()",
        "x = datetime.now(timezone.utc)",
        "x = dt.datetime.utcnow()",
        "x = date.today()",
        "x = time.monotonic_ns()",
        "x = time.strftime('%Y')",
        "x = datetime.fromtimestamp(1.5)",
        "x = ctx.timestamp.astimezone()",
        "clock = time.time",
        "import time as clock\nx = clock.time()",
    ],
    "HC002": [
        "x = random.random()",
        "x = random.Random()",
        "x = uuid4()",
        "x = uuid.uuid4().hex",
        "x = secrets.token_hex()",
        "x = os.urandom(3)",
        "from random import choice\nx = choice(items)",
    ],
    "HC003": [
        "for tag in tags: ctx.stub.put_state(tag, b'1')",
        "x = [tag for tag in tags]",
        "x = {tag: 1 for tag in tags}",
        "x = list(tags)",
        "x = ','.join({'b', 'a'})",
        "x = tuple(set(items))",
        "x = f'{tags}'",
        "x = str(tags)",
        "x = tags.pop()",
        "x = [*tags]",
        "a, b = {1, 2}",
        "x = next(iter(tags | {'c'}))",
        "names = set(items)\nfor name in names: pass",
        "names = frozenset(items) & tags\nx = list(enumerate(names))",
        "x = [k for k in {}.keys() - {'a'}]",
        "x = dict.fromkeys(tags)",
        "x = list(map(str, tags))",
        "x: set = items\ny = list(x)",
    ],
    "HC004": ["x = id(text)", "x = hash(text)"],
    "HC005": ["x = requests.get('u')", "x = socket.gethostname()"],
    "HC006": ["x = open('f')", "x = Path('f').read_text()", "x = os.listdir('.')"],
    "HC007": [
        "x = os.environ['A']",
        "x = os.environ.get('A')",
        "x = os.getenv('A')",
        "subprocess.run(['a'])",
        "x = os.getpid()",
        "x = input()",
    ],
    "HC008": [
        "threading.Thread(target=print).start()",
        "concurrent.futures.ThreadPoolExecutor()",
        "time.sleep(1)",
        "asyncio.as_completed(items)",
        "asyncio.create_task(text)",
    ],
    "HC009": ["x = math.sin(2)", "x = math.log(3)", "x = math.exp(1)"],
    "HC010": [
        "x = round(price, 2)",
        "x = f'{price:.2f}'",
        "x = '%.2f' % price",
        "x = format(price * 2, '.1f')",
        "x = f'{1 / 3:.3g}'",
        "x = f'{items:n}'",
    ],
    "HC011": [
        "CACHE[text] = 1",
        "SEEN.append(text)",
        "self.counter = 1",
        "self.fixed += 'x'",
        "self.items.append(text)",
        "global SEEN\nSEEN = [1]",
        "del CACHE[text]",
        "Sample.shared = 1",
    ],
    "HC012": [
        "ctx.stub.put_state(text, json.dumps(ctx.thing))",
        "ctx.stub.put_state(text, json.dumps(ctx.thing).encode())",
        "value = json.dumps(ctx.thing)\nctx.stub.put_private_data('c', text, value)",
        "ctx.stub.set_event('e', json.dumps({**ctx.thing}).encode())",
        "ctx.stub.put_state(text, json.dumps(ctx.thing, sort_keys=False))",
    ],
    "HC013": ["ctx.stub.put_state(text, pickle.dumps(items))"],
}

GOOD = [
    "x = ctx.timestamp",
    "x = datetime.fromtimestamp(1.5, timezone.utc)",
    "x = datetime.fromisoformat(text)",
    "x = dt.timedelta(days=1)",
    "x = ctx.timestamp.astimezone(timezone.utc)",
    "x = time.strftime('%Y', (2026, 1, 1, 0, 0, 0, 0, 0, 0))",
    "x = random.Random(ctx.tx_id)",
    "x = uuid.uuid5(uuid.NAMESPACE_URL, ctx.tx_id)",
    "x = hashlib.sha256(text.encode()).hexdigest()",
    "for tag in sorted(tags): pass",
    "x = sorted(tag for tag in tags)",
    "x = sorted([tag for tag in tags])",
    "x = len(tags) + max(tags) in tags",
    "x = {tag.upper() for tag in tags}",
    "x = {*tags, 'more'}",
    "x = any(tag == text for tag in tags)",
    "x = sorted(list(tags))",
    "tags = sorted(tags)\nx = [tag for tag in tags]",
    "for item in items: pass",
    "for key in {'a': 1}: pass",
    "x = items.pop()",
    "x = {'a': 1}.keys()",
    "id = text\nx = id",
    "def open(name): return name\nx = open(text)",
    "random = ctx.stub\nx = random.choice",
    "x = ctx.time.time()",
    "x = [time for time in items]",
    "x = os.path.join('a', 'b')",
    "x = math.floor(2) + math.isqrt(9) + math.gcd(2, 4)",
    "x = round(total, 2)",
    "x = f'{total:.2f} {text} {price}'",
    "x = '%s' % price",
    "x = '%.2f' % total",
    "x = f'{3:05d}'",
    "local = {}\nlocal[text] = 1\nlocal.update(a=1)",
    "CACHE = {}\nCACHE[text] = 1",
    "x = CACHE.get(text)",
    "ctx.counter = 1\nctx.items.append(text)",
    "asset = to_json({})\nctx.stub.put_state(text, asset)",
    "ctx.stub.put_state(text, json.dumps(ctx.thing, sort_keys=True).encode())",
    "ctx.stub.put_state(text, json.dumps({'a': text, 'b': price}))",
    "asset = {'a': text}\nctx.stub.put_state(text, json.dumps(asset))",
    "return json.dumps(ctx.thing)",
    "asyncio.gather(ctx.stub.get_state('a'), ctx.stub.get_state('b'))",
    "x = 'time.time() in a text'",
    "x: 'datetime.now' = None",
    "def inner(when=None) -> time.struct_time: return when",
    "x = time.time()  # noqa: HC001",
    "x = time.time()  # noqa",
    "x = [\n    time.time(),  # noqa: HC002,HC001\n]",
]


def sample(body: str) -> str:
    return HEADER + indent(dedent(body), " " * 8) + "\n"


@pytest.mark.parametrize(
    ("code", "body"), [(code, b) for code, bodies in BAD.items() for b in bodies]
)
def test_what_differs_between_peers_is_found(code: str, body: str) -> None:
    source = sample(body)
    found = lint(source)
    assert {finding.code for finding in found} == {code}
    first = source.splitlines()[found[0].line - 1]
    assert first.strip() in body


@pytest.mark.parametrize("body", GOOD)
def test_what_is_the_same_everywhere_is_left_alone(body: str) -> None:
    assert lint(sample(body)) == []


def test_another_code_does_not_allow() -> None:
    (found,) = lint(sample("x = time.time()  # noqa: HC002"))
    assert found.code == "HC001"


def test_the_start_of_a_script_and_types_are_no_part_of_a_transaction() -> None:
    source = """
import os, sys
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import socket
    Connection = socket.socket
if __name__ == "__main__":
    print(os.environ["HOME"], sys.argv)
"""
    assert lint(source) == []


def test_defaults_and_module_variables_are_looked_at() -> None:
    source = """
import time
from dataclasses import dataclass, field
from uuid import uuid4
STARTED = time.time()
@dataclass
class Asset:
    id: str = field(default_factory=uuid4)
def later(when=time.time()): ...
"""
    assert [finding.code for finding in lint(source)] == ["HC001", "HC002", "HC001"]


def test_a_contract_is_one_by_its_base_too() -> None:
    source = """
import hansa_contract as api
class Base(api.Contract): ...
class Shop(Base):
    def sell(self, ctx):
        self.sold = True
class Basket:
    def put(self, item):
        self.item = item
"""
    (found,) = lint(source)
    assert (found.code, found.line) == ("HC011", 6)


def test_a_finding_says_where_what_why_and_what_instead() -> None:
    (found,) = lint("import time\nx = time.time()\n", "contract.py")
    assert str(found) == (
        "contract.py:2:5: HC001 time.time is used. Every peer has its own clock and time zone. "
        "Use ctx.timestamp, which the client has set, and UTC."
    )


def test_what_is_no_python_is_a_finding() -> None:
    (found,) = lint("def f(:\n")
    assert found.code == "HC000"
    (found,) = lint("a = '\x00'")
    assert found.code == "HC000"


def test_folders_without_their_tests(tmp_path: Path) -> None:
    bad = "import time\nx = time.time()\n"
    for name in ("src/a.py", "b.py", "test_b.py", "tests/c.py", ".venv/d.py", "conftest.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_text(bad)
    found = lint_paths([tmp_path])
    assert [Path(f.path).relative_to(tmp_path).as_posix() for f in found] == ["b.py", "src/a.py"]
    assert len(lint_paths([tmp_path / "test_b.py"])) == 1


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "contract.py"
    file.write_text("import time\nx = time.time()\n")
    assert main(["lint", str(tmp_path)]) == 1
    assert "contract.py:2:5: HC001" in capsys.readouterr().out
    file.write_text("x = 1\n")
    assert main(["lint", str(tmp_path)]) == 0
    assert main(["lint", str(tmp_path / "absent.py")]) == 2
    assert "absent.py" in capsys.readouterr().err
    assert main(["lint", "--rules"]) == 0
    listed = capsys.readouterr().out
    assert all(code in listed for code in RULES)


def test_our_own_contracts_have_no_finding() -> None:
    contracts = [*(ROOT / "examples").glob("*/python"), ROOT / "tests/contracts/conformance"]
    assert contracts
    assert lint_paths(contracts) == []
