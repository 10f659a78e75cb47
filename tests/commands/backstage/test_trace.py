"""A performance that was written down becomes a test: it passes, and fails where the performer is broken."""

import subprocess
import sys
from pathlib import Path

import pytest

from music.notes import Note
from music.phrase import Phrase
from realtime.rows.take import save
from tests.support.command import ROOT, antiphon

BROKEN = """
import realtime.performer.agenda as agenda
real = agenda.StopNote
class Late(real):
    def __new__(cls, *args, **more):
        return real(-1.0, *args[1:], **more) if args else real(**(more | {"at": -1.0}))
agenda.StopNote = Late
"""


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Of a phrase, played from a file and answered by rule."""
    call = Phrase.of([Note(0.3 * place, 60 + place, 80, 0.25) for place in range(8)])
    save(call, tmp_path / "call.mid", [])
    words = ("--from", tmp_path / "call.mid", "--fast", "--model", "none", "--seed", "1", "--no-take")
    done = antiphon("play", *words, "--keep", "key", "--trace", tmp_path / "one.trace")
    assert done.returncode == 0, done.stderr
    return tmp_path / "one.trace"


def outcome_of(test: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_trace_becomes_a_test_that_passes_and_fails_where_the_performer_is_broken(trace: Path) -> None:
    test = trace.with_name("test_evening.py")
    done = antiphon("trace", trace, "--to", test, "--as-it-does")
    assert done.returncode == 0, done.stderr
    assert "all promises are kept" in done.stdout
    passing = outcome_of(test)
    assert passing.returncode == 0, passing.stdout
    assert "2 passed" in passing.stdout
    heading, _, rest = test.read_text().partition('"""\n')
    test.write_text(f'{heading}"""\n{BROKEN}{rest}')
    failing = outcome_of(test)
    assert "2 failed" in failing.stdout, failing.stdout


@pytest.mark.slow
def test_events_that_break_a_promise_become_a_short_test_that_fails(trace: Path) -> None:
    """An answer that says something of the future in a trace that was tampered with."""
    rows = trace.read_text().splitlines()
    rows.insert(5, '{"kind": "KeyDown", "at": 0.9, "pitch": "D", "velocity": 80}')
    trace.write_text("\n".join(rows) + "\n")
    test = trace.with_name("test_evening.py")
    done = antiphon("trace", trace, "--to", test)
    assert done.returncode == 1
    assert "made it fail" in done.stdout
    assert "with 1 events" in done.stdout
    assert "1 failed" in outcome_of(test).stdout


def test_what_can_not_be_read_is_refused_in_a_line(tmp_path: Path) -> None:
    done = antiphon("trace", tmp_path / "nowhere")
    assert done.returncode == 2
    assert done.stderr == f"antiphon: {tmp_path / 'nowhere'}: can't be read: No such file or directory\n"
    assert antiphon("trace", tmp_path / "nowhere", "--as-it-does").returncode == 2
