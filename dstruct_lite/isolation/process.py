"""Owns the child as the kernel sees it: started, asked, listened to, and in the end always gone.

Whatever way a run ends, `Child.close` has ended the process and every process it started, has reaped it and closed the
pipes: nothing of it is left behind.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import pickle
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from types import TracebackType
from typing import IO, Any, Final

from .child import Request
from .limits import IsolationUnavailableError, require_processes
from .protocol import GarbledError, Message, messages, pack

#: The kernel's own `sys.path`, so that the child finds the same modules, this one first.
_BOOT: Final = (
    "import json, sys\n"
    "sys.path[:] = json.loads(sys.argv.pop())\n"
    "from dstruct_lite.isolation.child import main\n"
    "main()\n"
)
_POSIX: Final = os.name == "posix"
_DYING: Final = 2.0
"""Seconds within which a process whose pipe has closed should be gone by itself."""
_LOOK_SECONDS: Final = 0.25
"""Seconds between looks whether a child that says nothing is still there."""
_TOLD: Final = 64 * 1024
"""Bytes of a program's raw standard error that are kept."""


class Child:
    """A Python of its own, waiting for a request. Use it in a `with` block.

    Raises:
        IsolationUnavailableError: no process can be started here.
    """

    def __init__(self) -> None:
        python = require_processes()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - `close` does
        self._messages: list[Message | None] = []
        """All that came; None at its end. Nothing is taken away, so that an interrupt of the kernel loses nothing."""
        self._news: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        try:
            self._process = subprocess.Popen(
                [python, "-c", _BOOT, json.dumps(sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                bufsize=0,
                start_new_session=_POSIX,
            )
        except OSError as error:
            self._errors.close()
            raise IsolationUnavailableError(f"a second Python cannot be started: {error}") from error
        try:
            self._start(self._listen)
        except BaseException:  # an interrupt of the kernel may come at any moment
            self.close()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: Request) -> None:
        """Send a request. Returns at once: a child that does not read must not stop the kernel."""
        self._start(self._write, pack(b"Q", pickle.dumps(request, protocol=5)))

    def message(self, number: int, deadline: float | None) -> Message | None:
        """The message of a number, waited for; None when the child says no more. Raises TimeoutError at `deadline`
        (`time.monotonic`).
        """
        while number >= len(self._messages):
            left = math.inf if deadline is None else max(0.0, deadline - time.monotonic())
            gone = self._process.poll() is not None
            try:
                self._news.get(timeout=min(left, _LOOK_SECONDS))
            except queue.Empty:
                if number < len(self._messages):
                    break
                if gone:  # a process it started may still hold the pipe open
                    return None
                if left <= _LOOK_SECONDS:
                    raise TimeoutError from None
        return self._messages[number]

    def interrupt(self) -> None:
        """What Ctrl-C would do; where that does not exist, nothing."""
        if _POSIX:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self._process.pid, signal.SIGINT)

    def kill(self) -> None:
        """End the process and those it started, at once."""
        if _POSIX:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._process.kill()

    def exit_code(self) -> int | None:
        """How a process that says no more has ended (minus the signal's number for a signal); None: it lives on."""
        try:
            return self._process.wait(timeout=_DYING)
        except subprocess.TimeoutExpired:
            return None

    def raw_errors(self) -> str:
        """What was written to the process's standard error and output past Python's own streams; the end of it."""
        with contextlib.suppress(OSError, ValueError):
            size = self._errors.seek(0, os.SEEK_END)
            self._errors.seek(max(0, size - _TOLD))
            return self._errors.read().decode("utf-8", "replace")
        return ""

    def close(self) -> None:
        """End the process if it still runs, reap it, close the pipes, wait for the threads. Again: does nothing."""
        self.kill()
        self._process.wait()
        # Its own processes outlive it in its group, which exists as long as they do.
        self.kill()
        for thread in self._threads:
            thread.join(_DYING)
        _close(self._process.stdin)
        if not any(thread.is_alive() for thread in self._threads):
            # Else a process that left the group holds the pipe: the thread that listens ends with it.
            _close(self._process.stdout)
        self._errors.close()

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _start(self, work: Any, *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True, name="dstruct-isolation")
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        with contextlib.suppress(GarbledError, OSError, ValueError):
            for message in messages(pipe.read):
                self._put(message)
        self._put(None)

    def _put(self, message: Message | None) -> None:
        self._messages.append(message)
        self._news.put(None)

    def _write(self, data: bytes) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        rest = memoryview(data)
        with contextlib.suppress(OSError, ValueError):  # it died: the end of its messages will say so
            while rest:
                rest = rest[os.write(pipe.fileno(), rest) :]


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with contextlib.suppress(OSError):
            pipe.close()
