"""Owns what the learner is told of an exception: their own frames, their own lines, nothing of ours."""

from __future__ import annotations

import linecache
import traceback
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from .atoms import exception_message
from .shapes import has_plain_text


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """An exception as text. `stack` is the traceback as Python prints it, of the learner's frames only."""

    name: str
    message: str
    stack: str

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "message": self.message, "stack": self.stack}


def remember_source(filename: str, text: str) -> None:
    """Let tracebacks and `inspect` find the text of a program that is no file."""
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)


def without_ours(error: BaseException) -> Any:
    """The first entry of a traceback that is not of the module that runs programs."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__.replace("tracebacks", "run"):
        trace = trace.tb_next
    return trace


def error_info(error: BaseException, filenames: Collection[str]) -> ErrorInfo:
    """Describe `error`, keeping only traceback frames of the given files, through causes and contexts too."""
    message = (
        str(error.msg)
        if isinstance(error, SyntaxError)
        else exception_message(error, plain=has_plain_text(type(error)))
    )
    try:
        exception = traceback.TracebackException.from_exception(error, compact=True)
        _keep_only(exception, filenames, set())
        stack = "".join(exception.format())
    except Exception:  # a learner's __str__ or __notes__ may itself be broken: the name is enough then
        stack = f"{type(error).__name__}: {message}\n"
    return ErrorInfo(type(error).__name__, message, stack)


def _keep_only(exception: traceback.TracebackException, filenames: Collection[str], seen: set[int]) -> None:
    if id(exception) in seen:
        return
    seen.add(id(exception))
    kept = [frame for frame in exception.stack if frame.filename in filenames]
    exception.stack = traceback.StackSummary.from_list(kept)
    for linked in (
        exception.__cause__,
        exception.__context__,
        *(getattr(exception, "exceptions", None) or ()),
    ):
        if linked is not None:
            _keep_only(linked, filenames, seen)
