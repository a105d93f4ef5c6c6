"""Owns running foreign modules through the transform: the one place in the tests that knows the recorder's inside.

`Through` is a recorder that is on while modules and doctest examples, compiled by it, run in this process. `through_imports`
makes `import` of chosen modules go through it. Needs nothing but the harness, so it works in any interpreter.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from types import CodeType, ModuleType
from typing import Any

from dstruct_harness.instrument import trace_source
from dstruct_harness.limits import Limits
from dstruct_harness.recorder import Recorder

NO_LIMITS = Limits(seconds=None, steps=None, log_bytes=None, output_bytes=None)


class Through:
    """A recorder for whatever is compiled by it. `modules` name those whose classes are the learner's."""

    def __init__(self, modules: Collection[str]) -> None:
        self.size = 0
        self.recorder = Recorder(NO_LIMITS, self._take, frozenset(modules))
        self.recorder.start()

    def _take(self, chunk: bytes) -> None:
        self.size += len(chunk)

    def compile(self, text: str, filename: str) -> CodeType:
        """The traced code of a module."""
        return trace_source(self.recorder, text, filename).code

    def finish(self) -> str | None:
        """End the recording; what went wrong in it, if anything did."""
        self.recorder.finish({"stopReason": "ok", "error": None})
        failure = self.recorder.failure
        return None if failure is None else f"{type(failure).__name__}: {failure}"


class _Loader(importlib.machinery.SourceFileLoader):
    """Loads a module's source through the transform; bytecode caches have no part in it."""

    def __init__(self, through: Through, name: str, path: str) -> None:
        super().__init__(name, path)
        self.through = through

    def get_code(self, fullname: str) -> CodeType | None:
        return self.through.compile(self.get_source(fullname) or "", self.path)


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, through: Through, wanted: Callable[[str], bool]) -> None:
        self.through = through
        self.wanted = wanted

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not self.wanted(fullname):
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            return spec
        loader = _Loader(self.through, fullname, spec.origin)
        return importlib.util.spec_from_file_location(
            fullname, spec.origin, loader=loader, submodule_search_locations=spec.submodule_search_locations
        )


@contextmanager
def through_imports(through: Through, wanted: Callable[[str], bool]) -> Iterator[None]:
    """While open, `import` of the modules that `wanted` says yes to goes through the transform."""
    finder = _Finder(through, wanted)
    for name in [name for name in sys.modules if wanted(name)]:
        del sys.modules[name]
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Shown(ast.NodeTransformer):
    """What the interactive mode does: the value of an expression statement goes to `sys.displayhook`."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        hook = ast.parse("__import__('sys').displayhook", mode="eval").body
        return ast.copy_location(ast.Expr(ast.Call(hook, [node.value], [])), node)

    def _leave(self, node: ast.AST) -> ast.AST:
        return node

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef = visit_Lambda = _leave


def compile_single(through: Through, text: str, filename: str) -> CodeType:
    """The traced code of one interactive statement."""
    compile(text, filename, "single", dont_inherit=True)  # a SyntaxError is the same one, whoever asks
    tree = ast.parse(text)
    if any(isinstance(node, ast.Expr) for node in ast.walk(tree)):
        text = ast.unparse(ast.fix_missing_locations(_Shown().visit(tree)))
    return through.compile(text, filename)


@contextmanager
def through_doctests(through: Through) -> Iterator[None]:
    """While open, doctest's examples go through the transform."""
    import doctest

    def traced(text: str, filename: str, mode: str, flags: int = 0, dont_inherit: bool = False) -> Any:
        if flags:  # `from __future__` of the module under test: the transform reads them from the text only
            return compile(text, filename, mode, flags, dont_inherit)
        return compile_single(through, text, filename)

    doctest.__dict__["compile"] = traced
    try:
        yield
    finally:
        del doctest.__dict__["compile"]
