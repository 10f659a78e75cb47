"""Calls answered here and now: by a model file, or by the rule, at a temperature and with a seed.

The one place of the dashboard where anything is computed. An answer is kept, for the same is often asked
twice. Must not know pages or reports.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from music.phrase import Phrase
from music.settings import SettingError
from realtime.answerers.model_file import SEED, rehearsal_by_rule, rehearsal_of, session_of
from realtime.inference.bundle import read_bundle
from realtime.inference.rows.row_session import RowSession
from realtime.inference.session import ModelSession
from realtime.knobs import DEFAULT_KNOBS

_SESSIONS, _ANSWERS = 2, 512  # that are kept: an open file takes some fifty megabytes


@dataclass(frozen=True, slots=True)
class Question:
    """A call, who is asked (a model file, or by None the rule), and how."""

    call: Phrase
    file: Path | None = None
    temperature: float = DEFAULT_KNOBS.temperature
    seed: int = SEED


def answer_to(question: Question) -> Phrase:
    """The answer, on the call's clock; an error says why the file can't answer."""
    file = question.file
    try:
        return _answered(question, 0 if file is None else file.stat().st_mtime_ns)
    except OSError as error:
        raise SettingError(f"{file}: can't be read: {error.strerror or error}") from None


def finish() -> None:
    """Wait until nobody is asked, and let nobody be asked any more: for a process that is about to end.

    Pages run on threads that nobody waits for, and the runtime aborts a process that ends while one of them
    opens a file or answers.
    """
    _ONE_AT_A_TIME.acquire()


def licence_of(file: Path) -> str:
    """The tier of a file's weights, and under which licences the music was that they were trained on."""
    try:
        return _licence(file, file.stat().st_mtime_ns)
    except OSError as error:
        raise SettingError(f"{file}: can't be read: {error.strerror or error}") from None


@lru_cache(maxsize=_ANSWERS)
def _licence(file: Path, _changed_ns: int) -> str:
    header = read_bundle(file).header
    learnt = ", ".join(f"{corpus.name} ({corpus.licence})" for corpus in header.data)
    return f"Weights of tier {header.tier}, trained on {learnt or 'music that it does not name'}."


@lru_cache(maxsize=_ANSWERS)
def _answered(question: Question, changed_ns: int) -> Phrase:
    knobs = DEFAULT_KNOBS.turned("temperature", question.temperature)
    if question.file is None:
        return rehearsal_by_rule(question.seed, knobs).answer_to(question.call, 0)
    with _ONE_AT_A_TIME:  # every browser's pages run on a thread of their own
        session = _opened(question.file, changed_ns)
        return rehearsal_of(session, question.seed, knobs).answer_to(question.call, 0)


@lru_cache(maxsize=_SESSIONS)
def _opened(file: Path, _changed_ns: int) -> ModelSession | RowSession:
    return session_of(file)


_ONE_AT_A_TIME = Lock()
