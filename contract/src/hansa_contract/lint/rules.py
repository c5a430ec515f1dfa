"""What makes a contract give different results on different peers, and what to use instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """``why`` and ``instead`` are sentences."""

    code: str
    title: str
    why: str
    instead: str


RULES: Mapping[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule(
            "HC000",
            "file that cannot be read",
            "The file is no Python, so nothing in it was looked at.",
            "Mend it first.",
        ),
        Rule(
            "HC001",
            "clock or local time zone",
            "Every peer has its own clock and time zone.",
            "Use ctx.timestamp, which the client has set, and UTC.",
        ),
        Rule(
            "HC002",
            "randomness",
            "Every peer gets another value.",
            "Derive it from ctx.tx_id (uuid.uuid5, hashlib), or let the client send it.",
        ),
        Rule(
            "HC003",
            "order of a set",
            "The order of a set's items differs from process to process.",
            "Use sorted(…), or a list or dict, which keep their order.",
        ),
        Rule(
            "HC004",
            "id() or hash()",
            "Addresses, and hashes of text, differ from process to process.",
            "Use hashlib.sha256, or a key of your own.",
        ),
        Rule(
            "HC005",
            "network",
            "The answer may differ, or not come, on another peer; chaincode has no network.",
            "Let the client send what is needed, as an argument or in the transient map.",
        ),
        Rule(
            "HC006",
            "file",
            "Files differ from peer to peer, and a written one outlives a failed transaction.",
            "Keep data in the world state, and constants in the code.",
        ),
        Rule(
            "HC007",
            "environment, host or another process",
            "They differ from peer to peer.",
            "Pass it as an argument, or keep it in the world state.",
        ),
        Rule(
            "HC008",
            "threads, or timing",
            "What comes first differs from run to run.",
            "Do one thing after the other; await gather(…) keeps the order of results.",
        ),
        Rule(
            "HC009",
            "function of the C library",
            "Its last digits depend on the processor and the C library.",
            "Use integers or decimal.Decimal, which has exp, ln, sqrt and power.",
        ),
        Rule(
            "HC010",
            "rounding or formatting a float",
            "Binary fractions round in ways nobody expects (2.675 to 2.67), or by the locale.",
            "Use decimal.Decimal and quantize, or whole units such as cents.",
        ),
        Rule(
            "HC011",
            "state outside the ledger",
            "A variable outlives the transaction, and is lost when the chaincode starts anew.",
            "Keep it in the world state, or in a local variable or the context.",
        ),
        Rule(
            "HC012",
            "JSON without sort_keys in the ledger",
            "The order of its keys is that in which they were put in, which code paths may change.",
            "Use hansa_contract.to_json(…), or json.dumps(…, sort_keys=True).",
        ),
        Rule(
            "HC013",
            "pickle or the like",
            "Its bytes depend on the version of Python, and reading them can run any code.",
            "Use hansa_contract.to_json(…) and from_json(…).",
        ),
    )
}

BANNED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "time.time",
            "time.time_ns",
            "time.monotonic",
            "time.monotonic_ns",
            "time.perf_counter",
            "time.perf_counter_ns",
            "time.process_time",
            "time.process_time_ns",
            "time.thread_time",
            "time.clock_gettime",
            "time.localtime",
            "time.mktime",
            "time.ctime",
            "time.timezone",
            "time.tzname",
            "datetime.datetime.now",
            "datetime.datetime.utcnow",
            "datetime.datetime.today",
            "datetime.date.today",
        ),
        "HC001",
    ),
    **dict.fromkeys(
        (
            "random.*",
            "secrets.*",
            "uuid.uuid1",
            "uuid.uuid4",
            "uuid.uuid7",
            "uuid.getnode",
            "os.urandom",
            "os.getrandom",
            "numpy.random.*",
        ),
        "HC002",
    ),
    **dict.fromkeys(("id", "hash", "builtins.id", "builtins.hash"), "HC004"),
    **dict.fromkeys(
        (
            "socket.*",
            "ssl.*",
            "http.client.*",
            "http.server.*",
            "urllib.request.*",
            "urllib3.*",
            "requests.*",
            "httpx.*",
            "aiohttp.*",
            "websockets.*",
            "ftplib.*",
            "smtplib.*",
            "telnetlib.*",
            "xmlrpc.*",
            "grpc.*",
            "boto3.*",
            "asyncio.open_connection",
            "asyncio.start_server",
        ),
        "HC005",
    ),
    **dict.fromkeys(
        (
            "open",
            "io.open",
            "os.open",
            "os.listdir",
            "os.scandir",
            "os.walk",
            "os.stat",
            "os.remove",
            "os.unlink",
            "os.rename",
            "os.replace",
            "os.mkdir",
            "os.makedirs",
            "os.rmdir",
            "os.getcwd",
            "os.path.exists",
            "os.path.getmtime",
            "os.path.getsize",
            "os.path.isfile",
            "os.path.isdir",
            "glob.*",
            "shutil.*",
            "tempfile.*",
            "sqlite3.*",
            "pathlib.Path",
            "pathlib.PosixPath",
        ),
        "HC006",
    ),
    **dict.fromkeys(
        (
            "os.environ",
            "os.environb",
            "os.getenv",
            "os.getpid",
            "os.getppid",
            "os.getlogin",
            "os.uname",
            "os.cpu_count",
            "os.system",
            "os.popen",
            "os.fork",
            "os.execv",
            "os.kill",
            "platform.*",
            "getpass.*",
            "locale.*",
            "subprocess.*",
            "sys.argv",
            "sys.stdin",
            "sys.platform",
            "sys.version",
            "sys.version_info",
            "input",
            "psutil.*",
            "gc.*",
        ),
        "HC007",
    ),
    **dict.fromkeys(
        (
            "threading.*",
            "multiprocessing.*",
            "concurrent.futures.*",
            "_thread.*",
            "signal.*",
            "time.sleep",
            "asyncio.sleep",
            "asyncio.as_completed",
            "asyncio.wait",
            "asyncio.wait_for",
            "asyncio.timeout",
            "asyncio.create_task",
            "asyncio.ensure_future",
            "asyncio.to_thread",
            "asyncio.TaskGroup",
        ),
        "HC008",
    ),
    **{
        f"math.{name}": "HC009"
        for name in (
            *("sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"),
            *("asinh", "acosh", "atanh", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p"),
            *("pow", "cbrt", "erf", "erfc", "gamma", "lgamma", "hypot", "dist"),
        )
    },
    "cmath.*": "HC009",
    "numpy.*": "HC009",
    **dict.fromkeys(("pickle.*", "cPickle.*", "marshal.*", "shelve.*", "dill.*"), "HC013"),
}
"""By dotted name; ``.*`` is everything below it."""

HARMLESS = frozenset(
    {
        "random.Random",  # with a seed; without one it is looked at by itself
        "ssl.SSLError",
        "socket.timeout",
        "socket.gaierror",
        "pickle.PickleError",
    }
)


def banned(name: str) -> str | None:
    """The code of the rule against a dotted name; a name without a module is a builtin's."""
    if name in HARMLESS:
        return None
    if name in BANNED:
        return BANNED[name]
    parts = name.split(".")
    for size in range(len(parts) - 1, 0, -1):
        prefix = ".".join(parts[:size])
        if code := BANNED.get(f"{prefix}.*"):
            return code
        if size > 1 and prefix in BANNED:  # os.environ.get
            return BANNED[prefix]
    return None
