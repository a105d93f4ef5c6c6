"""Every bad trace of the corpus (tests/hostile): one sentence that says why it is refused, or a trace that reads."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "hostile"))

import corpus
from dstruct_harness import Timeline, TraceError

#: What a message may hold: a sentence, not what the file holds.
SENTENCE = re.compile(r"[^\n<>]{5,200}")


def read_everything(data: bytes) -> None:
    timeline = Timeline(data)
    for step in {0, timeline.steps // 2, timeline.steps}:
        timeline.state(step)
    for _ in timeline.events():
        pass


def fault_of(case: corpus.Case) -> str | None:
    """What a reader did wrong about a case, or None."""
    try:
        read_everything(case.data)
    except TraceError as error:
        return None if SENTENCE.fullmatch(str(error)) else f"{case.name}: says {str(error)[:300]!r}"
    except Exception as error:
        return f"{case.name}: {error!r}"
    return f"{case.name}: was read" if case.refused else None


def test_the_corpus_is_refused_in_one_sentence_or_read() -> None:
    assert [fault for case in corpus.cases(600) if (fault := fault_of(case))] == []


@pytest.mark.slow
def test_twenty_thousand_bad_traces() -> None:
    found = list(corpus.cases(20_000))
    print(f"{len(found)} bad traces, {sum(case.refused for case in found)} of which have to be refused")
    assert [fault for case in found if (fault := fault_of(case))] == []


def test_the_corpus_is_the_same_each_time_and_reads_no_code_of_ours() -> None:
    run = [sys.executable, "-I", "-S", corpus.__file__, "40"]
    first, second = (subprocess.run(run, capture_output=True, check=True).stdout for _ in range(2))
    assert first == second
    sizes = sum(
        9 + len(case.name.encode("utf-8", "backslashreplace")) + len(case.data) for case in corpus.cases(40)
    )
    assert len(first) == sizes


def test_the_goldens_themselves_are_read() -> None:
    for path in corpus.GOLDEN.glob("*.trace"):
        data = path.read_bytes()
        assert corpus.join(corpus.split(data)) == data
        assert fault_of(corpus.Case(path.name, data)) is None
