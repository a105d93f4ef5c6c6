"""Owns the visualizer widget on the Python side: few traits, binary chunks out, nothing computed for the picture.

The page replays the chunks (docs/wire.md). The widget is displayed before the run starts and receives while it runs;
nothing here ever waits for the page, because a busy kernel hears nothing.
"""

from __future__ import annotations

import sys
import uuid
import warnings
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any, Final

import anywidget
import traitlets
from dstruct_harness import ExecutionResult, Limits
from ipywidgets import widget_serialization

from .engine import STATIC, Engine, hold_engine, release_engine
from .export import save_html
from .saved import chunks_to_save
from .watchdog import watch

GRANULARITIES: Final = ("operation", "line", "call")

Runner = Callable[[Callable[[bytes], None]], ExecutionResult]
"""Runs a program, giving each chunk of its log to the function it is passed."""


class Visualizer(anywidget.AnyWidget):
    """Shows one traced run, step by step, forwards and backwards.

    The traits follow ipywidgets' habits: `observe`, `link` and, in the page, `jslink` work on them. All views of
    one widget show the same step.

    Attributes:
        step: the step shown; -1 until someone chooses one. Set it to go there.
        steps: the last step; 0 while the program runs.
        playing: whether the run is being played. Set it to start and stop.
        granularity: what one step of play is: "operation", "line" or "call".
        stop_reason: how the run ended, as `ExecutionResult.stop_reason`; None while the program runs.
        result: the `ExecutionResult`; None while the program runs.
    """

    _esm = STATIC / "widget.js"
    _engine = traitlets.Instance(Engine).tag(sync=True, **widget_serialization)
    _status = traitlets.Dict().tag(sync=True)
    #: What a saved notebook keeps of the log. Set once the run is over: a running one is not worth saving yet.
    _saved: traitlets.List[bytes] = traitlets.List().tag(sync=True)
    step = traitlets.Int(-1).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    granularity = traitlets.Enum(GRANULARITIES, "operation").tag(sync=True)
    stop_reason = traitlets.Unicode(None, allow_none=True).tag(sync=True)

    def __init__(self, title: str, seconds: float, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._run_id = uuid.uuid4().hex
        self._title = title
        self._seconds = seconds
        self._chunks: list[bytes] = []
        self._shown_in: Any = None
        self.result: ExecutionResult | None = None
        super().__init__(_engine=hold_engine(self._run_id), _status=self._state("running"))
        self.on_msg(_answer)

    def run(self, program: Runner, patience: float = 0.0) -> None:
        """Run `program` now, streaming its log to the page. A kernel that hangs in it is the watchdog's business.

        Args:
            program: runs, giving chunks to the function it is passed.
            patience: seconds beyond the run's limit that the watchdog leaves it.
        """
        reason: str = "error"
        try:
            watching = watch(self._run_id, self._seconds + patience)
            try:
                self.result = program(self._take)
                reason = self.result.stop_reason
                if self.result.recorder_error is not None:
                    warnings.warn(f"the recording is incomplete: {self.result.recorder_error}", stacklevel=4)
            finally:
                watching.end(reason)
        finally:  # whatever happened, the page must not go on saying that something runs
            with self.hold_sync():
                self._status = self._state("done")
                self.steps = self._status["steps"]
                self.stop_reason = self._status["stopReason"]
                self._saved = chunks_to_save(self._chunks)

    def _take(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self.send({"type": "chunks", "index": len(self._chunks) - 1}, buffers=[chunk])

    def _state(self, state: str) -> dict[str, Any]:
        result = self.result
        return {
            "state": state,
            "run": self._run_id,
            "title": self._title,
            "chunks": len(self._chunks),
            "steps": result.steps if result else 0,
            "stopReason": result.stop_reason if result else ("error" if state == "done" else None),
            "error": result.error.to_json() if result and result.error else None,
            "seconds": self._seconds,
            "limits": {"steps": self._limits.steps, "bytes": self._limits.log_bytes},
        }

    @traitlets.validate("step")
    def _within(self, proposal: Any) -> int:
        """A step beyond the run is its last one, as for any slider."""
        step: int = proposal["value"]
        return max(-1, min(step, self.steps) if self.stop_reason is not None else step)

    def chunks_from(self, index: int) -> list[bytes]:
        """The log's chunks from `index` on, for a page that lost them."""
        return self._chunks[max(0, index) :]

    def close(self) -> None:
        """Close the widget on both sides and let go of the log. `result` stays."""
        self._chunks.clear()
        self._saved = []
        super().close()
        release_engine(self._run_id)

    def save(self, path: str | PathLike[str], *, language: str | None = None) -> Path:
        """Write the run as one HTML file that opens from disk, with no network, in the same viewer.

        Args:
            path: the file; an existing one is replaced.
            language: of the viewer's texts (`"de"`); default the chosen one.

        Returns:
            The file's path.

        Raises:
            RuntimeError: the program still runs.
            OSError: the file cannot be written.
            ValueError: there is no such language.
        """
        if self.result is None:
            raise RuntimeError("the program still runs: save it once it has ended")
        return save_html(
            self.result, path, title=self._title or Path(path).stem, step=self.step, language=language
        )

    def _ipython_display_(self) -> None:
        """Show the widget; once in a cell, so that returning it from one that displayed it shows nothing twice."""
        here = _cell()
        if here is None or here != self._shown_in:
            self.show()

    def show(self) -> None:
        """Display the widget in the current cell's output."""
        from IPython.display import display

        self._shown_in = _cell()
        bundle = self._repr_mimebundle_()
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        display(data, metadata=metadata, raw=True)


def _answer(widget: Visualizer, content: Any, _buffers: Any) -> None:
    """A page that misses chunks asks for them; it can only be heard while the kernel is idle."""
    if isinstance(content, dict) and content.get("type") == "sync" and isinstance(content.get("have"), int):
        missing = widget.chunks_from(content["have"])
        if missing:
            widget.send({"type": "chunks", "index": max(0, content["have"])}, buffers=missing)


def _cell() -> object:
    """What tells the cell that runs now from others; None outside a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return None if shell is None else (shell.execution_count, id(getattr(shell, "parent_header", None)))
