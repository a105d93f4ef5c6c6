"""Owns how a running program hears that it shall stop: the page's Stop in the browser, an interrupt elsewhere.

A kernel in a web worker that runs Python reads no messages. It can still ask: every 50 ms the recorder's tick
looks whether a `blob:` address that the page made is still there; the page asks for a stop by revoking it. The
look is a synchronous request that never leaves the browser (1.5 ms). It turns no event loop, so no other code
of the learner's runs because we looked (waiting for a message by stack switching would run their pending tasks
in the middle of a statement), and it needs neither stack switching nor cross-origin isolation.

A worker that waits does read messages: a listener cancels what the cell awaits. `input()` waits for the page,
which answers it first and is then asked whether that was a stop. In an ordinary kernel an interrupt is a signal:
in the learner's code it raises KeyboardInterrupt as ever; in our own it waits for the next tick.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

import dstruct_harness
from dstruct_harness.limits import StopReason
from dstruct_harness.memory import memory_poll

if TYPE_CHECKING:
    import asyncio  # half of what loading this package would cost; only a browser's kernel needs it

__all__ = ["cancellable", "install", "on_page", "switches"]

_LOOK_SECONDS: Final = 0.05
"""How often a running program looks, at most."""

_OURS: Final = tuple(
    os.path.dirname(os.path.abspath(file)) + os.sep for file in (dstruct_harness.__file__, __file__)
)
"""Where code lies that must not be interrupted half-way."""


#: What the page hears on the channel when Python broke.
FATAL: Final = "fatal"


class Switches:
    """The page's stop switches: addresses that exist until the page asks for a stop, used up one by one.

    The page cannot hand out another one while a program runs, so it gives several at once.
    """

    def __init__(self, exists: Callable[[str], bool]) -> None:
        self._exists = exists
        self._addresses: list[str] = []
        self._looked = 0.0

    def replace(self, addresses: Sequence[str]) -> None:
        """Take the page's latest addresses, first to be pulled first."""
        self._addresses = list(addresses)

    def ready(self) -> None:
        """A run begins: what was pulled before it was not meant for it."""
        while self._addresses and not self._exists(self._addresses[0]):
            self._addresses.pop(0)

    def pulled(self) -> bool:
        """Whether the page asked for a stop since the run began. True once for each time it asked."""
        if not self._addresses or self._exists(self._addresses[0]):
            return False
        self._addresses.pop(0)
        return True

    def look(self) -> bool | None:
        """`pulled`, but at most every 50 ms; None where it was not looked."""
        now = perf_counter()
        if now - self._looked < _LOOK_SECONDS:
            return None
        self._looked = now
        return self.pulled()


def _exists_in_browser(address: str) -> bool:
    """Whether a `blob:` address still stands for something."""
    import js  # type: ignore[import-not-found]

    request = js.XMLHttpRequest.new()
    try:
        request.open("GET", address, False)
        request.send()
    except Exception:  # what is gone is a network error
        return False
    return bool(request.status == 200)


def _memory_in_browser() -> int:
    """The bytes of the interpreter's memory."""
    import pyodide_js  # type: ignore[import-not-found]

    return int(pyodide_js._module.HEAP8.length)


switches: Final = Switches(_exists_in_browser)


@contextlib.contextmanager
def cancellable() -> Iterator[Callable[[], StopReason | None]]:
    """For the length of a run: gives what `safe_exec` and `trace_call` take as `poll`.

    In an ordinary kernel an interrupt that arrives in the recorder's own code is kept for its next tick; any
    other raises KeyboardInterrupt at once, and the run ends even if the program swallows it.
    """
    if sys.platform == "emscripten":
        switches.ready()
        yield _poll_in_browser(memory_poll(_memory_in_browser))
        return
    interrupted = False

    def interrupt(_number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        if frame is None or not frame.f_code.co_filename.startswith(_OURS):
            raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGINT, interrupt)
    except ValueError:  # signals belong to the main thread
        yield lambda: None
        return
    try:
        yield lambda: "interrupted" if interrupted else None
    finally:
        signal.signal(signal.SIGINT, before)


def _poll_in_browser(memory: Callable[[], StopReason | None]) -> Callable[[], StopReason | None]:
    def poll() -> StopReason | None:
        pulled = switches.look()
        if pulled is None:
            return None
        return "interrupted" if pulled else memory()

    return poll


# -- cells that wait, in the browser -----------------------------------------------------------


class _Waiting:
    """The task of the cell that runs, and the channel on which the page asks for its end."""

    def __init__(self) -> None:
        self.task: asyncio.Task[Any] | None = None
        self.channel: Any = None
        self.name = ""


_waiting = _Waiting()


def install(ipython: Any) -> None:
    """Let the page stop cells that wait (`await`, `input()`). For our extension's loading in the browser."""
    ipython.events.register("pre_run_cell", _cell_begins)
    ipython.events.register("post_run_cell", _cell_ends)


def on_page(addresses: object, channel: object) -> None:
    """What the page said: its switches, and the name of the channel it asks on. Anything else is ignored."""
    if isinstance(addresses, list) and all(isinstance(address, str) for address in addresses):
        switches.replace(addresses)
    if isinstance(channel, str) and channel and channel != _waiting.name and sys.platform == "emscripten":
        _open_channel(channel)


def _open_channel(name: str) -> None:
    import js
    import pyodide_js
    from pyodide.ffi import create_proxy  # type: ignore[import-not-found]

    if _waiting.channel is not None:
        _waiting.channel.close()
    channel = js.BroadcastChannel.new(name)
    channel.onmessage = create_proxy(lambda _event: cancel_waiting())
    # A fatal error ends Python, not its worker, and settles no promise: nobody would ever know. What is called
    # then must not be Python's: the channel's own method, its argument bound.
    pyodide_js._api.on_fatal = channel.postMessage.bind(channel, FATAL)
    _waiting.name, _waiting.channel = name, channel


def _cell_begins(*_info: Any) -> None:
    import asyncio

    switches.ready()
    _guard_input()
    with contextlib.suppress(RuntimeError):  # no loop runs
        _waiting.task = asyncio.current_task()


def _cell_ends(*_result: Any) -> None:
    _waiting.task = None


def cancel_waiting() -> None:
    """Raise KeyboardInterrupt where the running cell awaits; nothing where it does not wait."""
    task = _waiting.task
    if task is None or task.done():
        return
    awaited = _awaited(task)
    if awaited is None:
        task.cancel("interrupted")
    else:
        awaited.set_exception(KeyboardInterrupt())


def _awaited(task: asyncio.Task[Any]) -> asyncio.Future[Any] | None:
    """The plain future at the end of what a task waits for; None where something else is, like a `gather`."""
    import asyncio

    future: Any = task
    while isinstance(future, asyncio.Task):
        future = getattr(future, "_fut_waiter", None)
    plain = isinstance(future, asyncio.Future) and not hasattr(future, "_children") and not future.done()
    return future if plain else None


def _guard_input() -> None:
    """Make `input()` raise KeyboardInterrupt when the page answered it only to stop the cell."""
    import builtins

    inner = builtins.input
    if getattr(inner, "__module__", None) == __name__:
        return

    def input(prompt: object = "", /) -> str:  # named as tracebacks and help should name it
        __tracebackhide__ = True  # IPython leaves the frame out
        text = inner(str(prompt))
        if switches.pulled():
            raise KeyboardInterrupt
        return text

    builtins.input = input
