"""Keep one chaincode while it and its peer live: its network, its output, its limits, its end."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from types import FrameType
from typing import NoReturn

from hansa.chaincode.config import BuildError
from hansa.chaincode.family import Family, descendants, resident_bytes
from hansa.chaincode.output import LOGS, ChaincodeLog, RotatingFile, log_file
from hansa.chaincode.processor import Throttle, Watch
from hansa.chaincode.relay import Relay, listen_inside, parse_address
from hansa.chaincode.rules import MIB, Rules, limit_process
from hansa.chaincode.sandbox import TEMPORARY_MIB, Outside, Sandbox, View
from hansa.chaincode.starts import Starts

END_SECONDS = 5
"""How long chaincode may take to end when its peer has died; peers give it as long."""

LOOK_SECONDS = 0.25
REST_SECONDS = 1.0
"""So often it is looked at, and so seldom while it does nothing and hears nothing."""
RESTING = 0.1
"""The part of a processor that chaincode takes at most while it does nothing."""

SLOWED_SECONDS = 60
"""So often it is told that chaincode is slowed down."""

CHUNK_BYTES = 65536


def keep(
    sandbox: Sandbox, view: View, arguments: Sequence[str], environment: Mapping[str, str]
) -> NoReturn:
    """Run the chaincode for as long as it and the peer live, and end with its exit code.

    The peer ends this process with SIGTERM, which is handed on; bubblewrap itself would not. Where
    the peer dies, chaincode is ended: left alone, Node.js would go on trying to write to it. One
    that takes more than the rules allow is ended, too. What it writes goes to a log of its own, and
    to the peer's, in lines that the peer can take: at a longer one it would close the stream, and
    the chaincode's next word would end it. Where it failed again and again, its start waits.
    """
    name = environment.get("CORE_CHAINCODE_ID_NAME", "chaincode")
    logs = Path(os.environ.get("TMPDIR") or "/tmp") / LOGS  # noqa: S108 - made with 0700
    file = log_file(logs, name)
    log = ChaincodeLog(RotatingFile(file))
    starts = Starts(file.with_suffix(".starts"))
    peer = _open_process(os.getppid())
    _wait(starts.delay(), peer, log)
    keeper = Keeper(sandbox, name, log, peer)
    starts.begun()
    try:
        code = keeper.run(view, arguments, environment)
    except BuildError as fault:
        log.say(f"chaincode {name} cannot be started: {fault}")
        code = 1
    starts.ended(asked=keeper.asked)
    # Streams have nothing left to say.
    os._exit(128 - code if code < 0 else code)


def _open_process(pid: int) -> int | None:
    """A descriptor that becomes readable when it ends; None on kernels before 5.3."""
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _wait(seconds: float, peer: int | None, log: ChaincodeLog) -> None:
    if not seconds:
        return
    log.say(f"the chaincode ended soon after its last starts; starting it in {seconds:.1f} s")
    ended, _, _ = select.select([peer] if peer is not None else [], [], [], seconds)
    if ended:
        os._exit(1)


class Keeper:
    """``asked`` says whether the chaincode was to end: by the peer's word, or with the peer."""

    def __init__(self, sandbox: Sandbox, name: str, log: ChaincodeLog, peer: int | None) -> None:
        self.asked = False
        self._sandbox, self._name, self._log, self._peer = sandbox, name, log, peer
        self._selector = DefaultSelector()
        self._family = Family()
        self._first = 0
        self._end_by = 0.0
        self._verdict = ""
        self._relay: Relay | None = None
        self._throttle = Throttle(self._rules.cpus)
        self._watch = Watch(self._rules.spin_seconds)
        self._slowed_at = -float(SLOWED_SECONDS)
        self._output_ended = self._paused = self._ended = False

    def run(self, view: View, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
        """Start it, and stay until it has ended; its exit code, negative for a signal.

        Raises :class:`BuildError`.
        """
        begun = time.monotonic()
        with ExitStack() as stack:
            self._start(stack, view, arguments, environment)
            self._attend()
            if self._relay is not None:
                self._relay.finish()
            code = self._process.wait()
        self._end_by_force()
        self._drain()
        if not self.asked:
            why = self._verdict or f"ended with exit code {code}"
            self._log.say(
                f"chaincode {self._name} {why}, {time.monotonic() - begun:.1f} s after its start; "
                f"the next call starts it again. Its output is in {self._log.path}"
            )
        return code

    # Starting

    def _start(
        self,
        stack: ExitStack,
        view: View,
        arguments: Sequence[str],
        environment: Mapping[str, str],
    ) -> None:
        told, info = os.pipe()
        block, go = os.pipe()
        self._output, written = os.pipe()
        address = parse_address(environment.get("CORE_PEER_ADDRESS", ""))
        command = self._sandbox.run_command(view, arguments, Outside(info, block))
        try:
            self._process = subprocess.Popen(
                command,
                cwd=view.directory,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
                pass_fds=(info, block) if self._sandbox.bubblewrap else (),
                preexec_fn=limit_process(self._rules.memory_mib, TEMPORARY_MIB),  # noqa: PLW1509 - no threads
            )
        except (OSError, subprocess.SubprocessError) as fault:
            raise BuildError(f"cannot start {arguments[0]}: {fault}") from fault
        for descriptor in (info, block, written):
            os.close(descriptor)
        self._handle_signals()
        with os.fdopen(told) as stream:
            self._read_info(stream.read())
        if self._sandbox.relayed:
            if address is None or not self._first:
                self._end_by_force()
                raise BuildError("the peer is not on this machine: set chaincode_network to shared")
            listener = stack.enter_context(listen_inside(self._first, address))
            self._relay = Relay(self._selector, listener, address)
        with suppress(BrokenPipeError):
            os.write(go, b"1")
        os.close(go)

    @property
    def _rules(self) -> Rules:
        return self._sandbox.rules

    def _read_info(self, text: str) -> None:
        """Take bubblewrap's word on its child; it writes none where there is no sandbox."""
        if text:
            self._first = int(json.loads(text)["child-pid"])

    def _handle_signals(self) -> None:
        # Wakes the selector, so that an end that was asked for is noticed at once.
        awake, waker = socket.socketpair()
        awake.setblocking(False)
        waker.setblocking(False)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        self._sockets = (awake, waker)
        self._selector.register(awake, EVENT_READ, lambda _events: awake.recv(64))
        signal.signal(signal.SIGTERM, self._hand_on)
        signal.signal(signal.SIGINT, self._hand_on)

    # Attending

    def _attend(self) -> None:
        """Serve its network and its output, and look at it, until it has ended."""
        os.set_blocking(self._output, False)
        self._register(self._output, self._take)
        ended = _open_process(self._process.pid)
        for descriptor, reaction in ((ended, self._note_end), (self._peer, self._end_with_peer)):
            if descriptor is not None:
                self._register(descriptor, reaction)
        pause, used = LOOK_SECONDS, 0.0
        while not self._ended:
            self._serve(pause)
            self._look()
            rests = self._throttle.used - used <= RESTING * pause
            pause = min(2 * pause, REST_SECONDS) if rests else LOOK_SECONDS
            used = self._throttle.used

    def _serve(self, seconds: float) -> None:
        """Every message of the chaincode passes here; after the first, it is looked at soon."""
        due = time.monotonic() + seconds
        while not self._ended and (left := due - time.monotonic()) > 0:
            ready = self._selector.select(left)
            for key, events in ready:
                key.data(events)
            if ready:
                due = min(due, time.monotonic() + LOOK_SECONDS)

    def _register(self, descriptor: int, reaction: object) -> None:
        self._selector.register(descriptor, EVENT_READ, reaction)

    def _note_end(self, _events: int) -> None:
        self._ended = self._process.poll() is not None

    def _take(self, _events: int) -> None:
        with suppress(BlockingIOError):
            data = os.read(self._output, CHUNK_BYTES)
            self._log.feed(data)
            self._output_ended = not data
            if self._output_ended or not self._log.takes():
                self._paused = True
                self._selector.unregister(self._output)

    def _drain(self) -> None:
        """What it wrote last; a chaincode that wrote endlessly left no more than a pipe holds."""
        with suppress(BlockingIOError):
            while data := os.read(self._output, CHUNK_BYTES):
                self._log.feed(data)
        self._log.finish()

    def _look(self) -> None:
        """What is not told: its end, on old kernels; that it may write again; what it takes."""
        self._note_end(0)
        if self._paused and not self._output_ended and self._log.takes():
            self._paused = False
            self._register(self._output, self._take)
        if self._end_by and time.monotonic() >= self._end_by:
            self._end_by_force()
            return
        pids = self._family.members(2 * self._rules.processes)
        self._family.reap(self._process.pid)
        stopped = self._slow_down(pids)
        self._verdict = self._verdict or self._judge(pids, stopped=stopped)
        if self._verdict:
            self._end_by_force()

    def _slow_down(self, pids: list[int]) -> bool:
        """Whether it is stopped for a moment, since it takes more of the processor than it may."""
        stopped = not self.asked and self._throttle.look(pids)
        if stopped and time.monotonic() - self._slowed_at >= SLOWED_SECONDS:
            self._slowed_at = time.monotonic()
            self._log.say(
                f"chaincode {self._name} is slowed down: it takes more than {self._rules.cpus:g} "
                "of the machine's processors (setting chaincode_cpus)"
            )
        return stopped

    def _judge(self, pids: list[int], *, stopped: bool) -> str:
        """Why it has to be ended; empty where it keeps to the rules."""
        rules, used = self._rules, resident_bytes(pids) // MIB
        if len(pids) > rules.processes + 2:  # bubblewrap has two of its own
            return (
                f"was ended: it has more than {rules.processes} processes (setting "
                "chaincode_processes)"
            )
        if used > rules.memory_mib:
            return (
                f"was ended: it takes {used} MiB of memory, and {rules.memory_mib} are allowed "
                "(setting chaincode_memory_mib)"
            )
        if self._relay and self._watch.look(pids, self._relay.said, stopped=stopped):
            return (
                f"was ended: for {rules.spin_seconds} s it has run on and on without a word to its "
                "peer (setting chaincode_spin_seconds)"
            )
        return ""

    # Ending

    def _hand_on(self, number: int, _frame: FrameType | None) -> None:
        self.asked = True
        self._throttle.release(self._family.members())
        children = descendants(self._first) if self._first else []
        for pid in children:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if not children:
            self._process.send_signal(number)

    def _end_with_peer(self, _events: int) -> None:
        """The peer has died."""
        if self._peer is not None:
            self._selector.unregister(self._peer)
        self._hand_on(signal.SIGTERM, None)
        self._end_by = time.monotonic() + END_SECONDS

    def _end_by_force(self) -> None:
        """The first process of a sandbox takes all others with it."""
        if self._first:
            with suppress(ProcessLookupError):
                os.kill(self._first, signal.SIGKILL)
        self._family.kill()
