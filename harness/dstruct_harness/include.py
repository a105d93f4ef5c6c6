"""Owns stepping into modules that the author names: `include`.

Such a module's text is transformed before the run. One that is loaded already is lent traced code, like functions of
earlier cells; one that the program imports is loaded by its own loader, from its plain code with the traced code of its
functions in it, so that no frame of ours is in the way. Its module body is not stepped through, and its globals are no
variables of any frame.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.abc import InspectLoader, SourceLoader
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any, Final

from .instrument import Loan, Traced, functions_in, restore_plain, trace_source, traced_counterpart
from .recorder import Recorder
from .tracebacks import remember_source


@dataclass(frozen=True, slots=True)
class Included:
    """A module to be stepped into, transformed; `code` is its plain code with the traced code of its functions."""

    name: str
    traced: Traced
    code: CodeType


_INLINE: Final = frozenset(("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"))
"""Code objects that are expressions of the body they are in, and are recorded as part of its frame."""


def check_included(names: Collection[str]) -> None:
    """Raise ValueError where `prepare` would, for a module that is not there or is no file of Python source."""
    for name in names:
        _source(name)


def prepare(recorder: Recorder, names: Collection[str]) -> list[Included]:
    """Find and transform modules, without importing anything.

    Raises:
        ValueError: there is no module of such a name, or none that is a file of Python source.
    """
    return [_prepared(recorder, name) for name in dict.fromkeys(names)]


def _source(name: str) -> tuple[str, str]:
    """A module's file and text."""
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None) or _find(name)
    if spec is None:
        raise ValueError(f"include: there is no module named {name!r}")
    loader = spec.loader
    text = loader.get_source(name) if isinstance(loader, InspectLoader) else None
    if not isinstance(loader, SourceLoader) or text is None or spec.origin is None:
        raise ValueError(f"include: {name!r} cannot be stepped into, because it is no file of Python source")
    return spec.origin, text


def _prepared(recorder: Recorder, name: str) -> Included:
    filename, text = _source(name)
    remember_source(filename, text)
    try:
        plain = compile(text, filename, "exec", dont_inherit=True)
        traced = trace_source(recorder, text, filename, module_frame=False, foreign=True)
    except (SyntaxError, RecursionError) as error:
        raise ValueError(f"include: {name!r} cannot be read: {error}") from None
    return Included(name, traced, _with_traced(plain, traced))


def _find(name: str) -> ModuleSpec | None:
    """The spec of a module, found without importing the packages it is in."""
    spec: ModuleSpec | None = None
    path: Sequence[str] | None = None
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        spec = _asked(".".join(parts[:count]), path, None)
        if spec is None:
            return None
        path = spec.submodule_search_locations
        if path is None and count < len(parts):
            return None
    return spec


def _asked(
    name: str, path: Sequence[str] | None, target: ModuleType | None, but: object = None
) -> ModuleSpec | None:
    for finder in sys.meta_path:
        find: Any = getattr(finder, "find_spec", None)
        found = find(name, path, target) if find is not None and finder is not but else None
        if found is not None:
            return found  # type: ignore[no-any-return]
    return None


def _with_traced(plain: CodeType, traced: Traced) -> CodeType:
    """A module's or class's plain code that makes functions with traced code."""
    constants = []
    for one in plain.co_consts:
        if isinstance(one, CodeType):
            own = None if one.co_name in _INLINE else traced_counterpart(traced, one)
            one = own or _with_traced(one, traced)
        constants.append(one)
    return plain.replace(co_consts=tuple(constants))


@dataclass(frozen=True, slots=True)
class _Finder:
    """First of the finders: lets the others find an included module, and has its loader run our code."""

    wanted: dict[str, Included]

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        included = self.wanted.get(name)
        if included is None:
            return None
        spec = _asked(name, path, target, but=self)
        loader: Any = spec.loader if spec is not None else None
        if isinstance(loader, SourceLoader):
            loader.get_code = lambda fullname: included.code  # type: ignore[method-assign]
        return spec


@contextmanager
def stepping_into(included: Collection[Included]) -> Iterator[None]:
    """For the length of a run, functions of these modules have traced code, and plain code again afterwards."""
    if not included:
        yield
        return
    finder: Any = _Finder({one.name: one for one in included})
    with ExitStack() as stack:
        for one in included:
            stack.callback(restore_plain, one.traced)
            module = sys.modules.get(one.name)
            if module is not None:
                loan = Loan()
                stack.callback(loan.give_back)
                _lend_module(loan, one, module)
        sys.meta_path.insert(0, finder)
        try:
            yield
        finally:
            sys.meta_path[:] = [x for x in sys.meta_path if x is not finder]
            for one in included:
                loader: Any = getattr(sys.modules.get(one.name), "__loader__", None)
                getattr(loader, "__dict__", {}).pop("get_code", None)


def _lend_module(loan: Loan, included: Included, module: ModuleType) -> None:
    names = module.__dict__
    for function in functions_in(names, module=included.name):
        plain = function.__code__
        code = traced_counterpart(included.traced, plain) if function.__globals__ is names else None
        if code is not None:
            loan.lend(function, code)
