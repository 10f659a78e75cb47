"""Calls answered here and now: by the rule, by a file; what can't answer says why."""

import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock, Thread

import pytest

from dashboard.hearing import asked
from dashboard.hearing.asked import Question, answer_to
from evaluation.answering.own_calls import OWN_CALLS
from music.settings import SettingError
from realtime.answerers.model_file import rehearsal_by_rule
from tests.support.command import ROOT
from tests.support.waiting import PATIENCE_S

CALL = OWN_CALLS[0].phrase()


def test_the_rule_answers_as_it_is_judged() -> None:
    assert answer_to(Question(CALL)) == rehearsal_by_rule().answer_to(CALL, 0)


def test_the_seed_and_the_temperature_change_the_answer_and_the_same_question_does_not() -> None:
    question = Question(CALL)
    first = answer_to(question)
    assert answer_to(replace(question, seed=2)) != first
    assert answer_to(replace(question, temperature=0.0)) != first
    assert answer_to(question) == first


def test_a_file_that_is_none_is_refused_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"gone\.onnx"):
        answer_to(Question(CALL, tmp_path / "gone.onnx"))
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"no model")
    with pytest.raises(SettingError, match=r"broken\.onnx"):
        answer_to(Question(CALL, path))


def test_whoever_ends_waits_for_the_answer_that_is_being_worked_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, opened, goes_on, ended = tmp_path / "slow.onnx", Event(), Event(), Event()
    path.write_bytes(b"a model")

    def slow(*_: object) -> None:
        opened.set()
        goes_on.wait(PATIENCE_S)
        raise SettingError("no model after all")

    def ask() -> None:
        with suppress(SettingError):
            answer_to(Question(CALL, path))

    def end() -> None:
        asked.finish()
        ended.set()

    monkeypatch.setattr(asked, "_opened", slow)
    monkeypatch.setattr(asked, "_ONE_AT_A_TIME", Lock())
    threads = [Thread(target=ask), Thread(target=end)]
    threads[0].start()
    assert opened.wait(PATIENCE_S)
    threads[1].start()
    assert not ended.wait(0.05)
    goes_on.set()
    assert ended.wait(PATIENCE_S)
    for thread in threads:
        thread.join(PATIENCE_S)


_ENDS = """
import sys, threading
from dashboard.hearing import asked
from evaluation.answering.own_calls import OWN_CALLS
from realtime.inference.default_model import default_model
from tests.support.waiting import wait_until
question = asked.Question(OWN_CALLS[0].phrase(), default_model())
threading.Thread(target=asked.answer_to, args=(question,), daemon=True).start()
wait_until(lambda: "onnxruntime.capi.onnxruntime_pybind11_state" in sys.modules)  # it opens the file
asked.finish()
"""


@pytest.mark.slow
def test_a_process_that_ends_while_a_file_is_asked_ends_well() -> None:
    """Without `finish` the runtime aborts it."""
    words = [sys.executable, "-c", _ENDS]
    done = subprocess.run(words, check=False, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_a_model_file_answers_otherwise_when_it_is_hotter() -> None:
    from realtime.inference.default_model import default_model

    question = Question(CALL, default_model())
    cool, hot = answer_to(question), answer_to(replace(question, temperature=1.6))
    assert cool.notes
    assert cool.notes[0].at > CALL.until
    assert cool != hot
