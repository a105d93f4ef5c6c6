"""Public algorithm code gives the same output, exceptions and line numbers traced as plain: a large differential run.

Packages are installed from the package index at test time, never vendored; their doctest examples are the programs, and
the modules and the examples both go through the transform. The standard library's own pure Python modules go the same
way. `python tests/corpora/differential.py DIRECTORY` compares any other directory of Python files with doctests.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from differential import Counts, compare, compare_all, modules_with_examples
from packages import installed

PACKAGES = {
    "algorithms==1.0.1": "algorithms",
    "boltons==25.0.0": "boltons",
    "more-itertools==10.8.0": "more_itertools",
    "mpmath==1.3.0": "mpmath",
    "networkx==3.5": "networkx",
    "pyrsistent==0.20.0": "pyrsistent",
    "sortedcollections==2.1.0": "sortedcollections",
    "sortedcontainers==2.4.0": "sortedcontainers",
    "toolz==1.0.0": "toolz",
}
"""Distributions and the package in them."""

STANDARD_LIBRARY = (
    "_pydecimal",
    "bisect",
    "collections",
    "difflib",
    "enum",
    "fractions",
    "heapq",
    "http.cookiejar",
    "http.cookies",
    "ipaddress",
    "json",
    "json.encoder",
    "pickle",
    "pickletools",
    "random",
    "statistics",
    "textwrap",
    "typing",
)

DIFFERENCES: dict[str, str] = {}
"""What is known to come out otherwise, by the beginning of its line, and why."""


def judge(name: str, counts: Counts, least: int) -> None:
    print(f"{name}: {counts}")
    unlisted = [text for text in counts.differences if not text.startswith(tuple(DIFFERENCES))]
    assert not unlisted, "\n".join(text[:1500] for text in unlisted[:20])
    assert counts.examples >= least, "too little was compared for this to mean anything"
    assert counts.log > 100 * counts.modules, "the modules did not go through the transform"


@pytest.mark.slow
@pytest.mark.parametrize("distribution", PACKAGES)
def test_packages(distribution: str) -> None:
    place = installed(distribution)
    package = PACKAGES[distribution]
    names = modules_with_examples(place / package, package)
    judge(distribution, compare_all(names, [str(place)]), 25)


def test_the_standard_library_in_brief() -> None:
    names = ["heapq", "textwrap", "statistics"]
    judge("standard library, in brief", compare_all(names, []), 50)


@pytest.mark.slow
def test_the_standard_library() -> None:
    judge("standard library", compare_all(STANDARD_LIBRARY, [], batch=1), 800)


def test_a_difference_would_be_seen(tmp_path: Path) -> None:
    """The comparison itself: a module that knows whether it is traced is told apart, and so is one that hangs."""
    (tmp_path / "fickle.py").write_text(
        'def constants():\n    """\n    >>> constants()\n    """\n    a = [1]\n    a[0]\n'
        "    return len(constants.__code__.co_code)\n"
        'def failing():\n    """\n    >>> failing()\n    """\n    return [][1]\n'
    )
    (tmp_path / "endless.py").write_text(
        'import sys\ndef f():\n    """\n    >>> f()\n    """\n    while "through" in sys.modules and sys.argv[1] == "traced":\n'
        "        pass\n"
    )
    counts = compare(["fickle"], [str(tmp_path)], 60)
    assert counts.raised == 1
    assert [text.split(": example")[0] for text in counts.differences] == ["fickle: fickle.constants"]
    counts = compare(["endless"], [str(tmp_path)], 3)
    assert any("did not end" in text for text in counts.differences)


def test_where_the_standard_library_is() -> None:
    """The modules above are pure Python files of this interpreter."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    for name in STANDARD_LIBRARY:
        path = folder.joinpath(*name.split("."))
        assert path.with_suffix(".py").exists() or (path / "__init__.py").exists(), name
