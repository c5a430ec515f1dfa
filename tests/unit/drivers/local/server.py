"""A small server for tests: answers HTTP GET with OK, and does what its arguments say.

    --port PORT        listen there
    --code N           print an error and end at once with this exit code
    --say TEXT         print it first
    --ignore-term      go on after SIGTERM
    --child            start a child that keeps the environment
    --lost-child       start a child with an empty environment in this session
    --silent           accept, but never answer
    --fill BYTES       print so many bytes at each request

The pid of a child is written to ``child`` in the working directory.
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
from typing import NoReturn

SLEEP = [sys.executable, "-ISc", "import signal; signal.pause()"]


def option(name: str) -> str:
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else ""


def start_child() -> None:
    environment = {} if "--lost-child" in sys.argv else dict(os.environ)
    child = subprocess.Popen(SLEEP, env=environment, start_new_session="--child" in sys.argv)
    file = pathlib.Path("child.new")
    file.write_text(str(child.pid))
    file.rename("child")


def serve(port: int) -> NoReturn:
    server = socket.create_server(("127.0.0.1", port))
    while True:
        connection, _ = server.accept()
        connection.recv(65536)
        if "--silent" not in sys.argv:
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK"
            )
        sys.stdout.write("x" * int(option("--fill") or 0))
        sys.stdout.flush()
        connection.close()


if option("--say"):
    sys.stdout.write(option("--say") + "\n")
if option("--code"):
    sys.exit(int(option("--code")))
if "--ignore-term" in sys.argv:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if "--child" in sys.argv or "--lost-child" in sys.argv:
    start_child()
serve(int(option("--port")))
