"""Owns what Python tells the page's watchdog, and what the page tells Python of the learner's time limit.

Both go over Jupyter comms (docs/wire.md). A run is announced before it starts, because a kernel that hangs
can say nothing any more: the page restarts it when the run has not been called off in time. Outside a kernel
there is nobody to tell, and everything here does nothing. Nothing is imported before it is needed: this
module is loaded with every kernel.
"""

from __future__ import annotations

import contextlib
import math
import sys
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Final, Protocol

from dstruct_harness import Limits

from . import cancel

__all__ = ["DEFAULT_SECONDS", "Watch", "default_limits", "default_seconds", "listen_for_settings", "watch"]

#: The time limit of a traced run, in seconds, where nobody said another.
DEFAULT_SECONDS: Final = 30.0

WATCHDOG_TARGET: Final = "dstruct-lite.watchdog"
SETTINGS_TARGET: Final = "dstruct-lite.settings"
#: Agreed, so that a page can send to it without having heard it being opened.
SETTINGS_COMM: Final = "dstruct-lite.settings"


class Comm(Protocol):
    """The part of `comm.base_comm.BaseComm` used here."""

    def close(self, data: dict[str, Any] | None = None) -> None:
        """Close the page's end, giving it `data`."""


class Watch:
    """A run that the page watches, until `end` is called or the `with` block is left.

    Attributes:
        run: the run's id.
        seconds: the run's own time limit.
    """

    def __init__(self, run: str, seconds: float, comm: Comm | None) -> None:
        self.run = run
        self.seconds = seconds
        self._comm = comm

    def end(self, stop_reason: str) -> None:
        """Tell the page that the run has ended, with a stop reason of `ExecutionResult`.

        Call it as soon as the learner's code has stopped: what takes time after that must not look like a
        hang. The first call counts, later ones do nothing. Never raises.
        """
        comm, self._comm = self._comm, None
        if comm is None:
            return
        # The run's result must not depend on whether a message could be sent.
        with contextlib.suppress(Exception):
            comm.close({"run": self.run, "stopReason": stop_reason})

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.end("ok")
        else:
            self.end("interrupted" if issubclass(kind, KeyboardInterrupt) else "error")


def watch(run_id: str, seconds: float) -> Watch:
    """Announce a run to the page, which restarts the kernel if it is not ended soon after its limit.

    Args:
        run_id: the run's id, the one its widget shows.
        seconds: the run's own time limit, in seconds; the cooperative stop is expected to come first.

    Returns:
        A handle that is also a context manager. Outside a kernel it does nothing.

    Raises:
        ValueError: `run_id` is empty, or `seconds` is negative or not finite (the page would ignore it).
    """
    if not run_id:
        raise ValueError("run_id must not be empty")
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"seconds must be finite and not negative, not {seconds!r}")
    data = {"run": run_id, "seconds": float(seconds), "interruptible": sys.platform != "emscripten"}
    opened: Comm | None = None
    # A run that cannot be announced is still a run.
    with contextlib.suppress(Exception):
        from comm import create_comm

        opened = create_comm(target_name=WATCHDOG_TARGET, data=data)
        # In ipykernel another thread does the sending, and code that never lets go of the GIL would keep it
        # from doing so. Flushing waits for that thread.
        sys.stdout.flush()
    return Watch(run_id, float(seconds), opened)


@dataclass(frozen=True)
class _Told:
    """The limits the page told, for runs that name none. None: nothing was said."""

    seconds: float = DEFAULT_SECONDS
    steps: int | None = None
    log_bytes: int | None = None


class _Settings:
    """What the page told, replaced as a whole on each message, and the comm it tells it on."""

    def __init__(self) -> None:
        self.told = _Told()
        self.comm: Any = None


_settings = _Settings()


def default_seconds() -> float:
    """Return the time limit, in seconds, of a run that names none: the learner's setting, else 30."""
    return _settings.told.seconds


def default_limits() -> Limits:
    """Return the limits of a run that names none: the notebook's, else the learner's settings, else our own."""
    told = _settings.told
    limits = Limits(seconds=told.seconds, steps=told.steps)
    return limits if told.log_bytes is None else replace(limits, log_bytes=told.log_bytes)


def listen_for_settings() -> None:
    """Let the page find a comm on which it can tell the learner's settings.

    For our IPython extension's loading; loading again changes nothing. Never raises; outside a kernel it does
    nothing that can be seen.
    """
    if _settings.comm is not None:
        return
    with contextlib.suppress(Exception):
        from comm import create_comm, get_comm_manager

        # Registered without a message: while a kernel starts, nothing can be sent yet.
        comm = create_comm(target_name=SETTINGS_TARGET, comm_id=SETTINGS_COMM, primary=False)
        comm.on_msg(_on_settings)
        get_comm_manager().register_comm(comm)
        _settings.comm = comm
        _announce(comm)


def _announce(comm: Any) -> None:
    """Tell a page that is already there (the extension was loaded by a cell) that the comm exists."""
    from comm import get_comm_manager

    try:
        comm.open(data={})
    except Exception:
        # The kernel is starting: no page can hear. A failed `open` has unregistered the comm.
        get_comm_manager().register_comm(comm)


def _on_settings(message: dict[str, Any]) -> None:
    """Take over the settings in a comm message; what has another shape than agreed is ignored."""
    content = message.get("content")
    data = content.get("data") if isinstance(content, dict) else None
    if not isinstance(data, dict):
        return
    cancel.on_page(data.get("switches"), data.get("channel"))
    seconds = data.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return
    if math.isfinite(seconds) and seconds > 0:
        _settings.told = _Told(float(seconds), _count(data.get("steps")), _count(data.get("bytes")))


def _count(value: object) -> int | None:
    """A positive whole number as the page sends it; None for anything else, which stands for no word on it."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return int(value) if value >= 1 else None
