"""Whether a model plays here: the runtime, the devices, the model's file, and how long an event takes.

Knows the runtime and sessions. Must not know ports or files other than the model's.
"""

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from music.settings import SettingError
from realtime.health.finding import Finding, fine, noted, wrong
from realtime.inference.bundle import LIVE_FAMILY, Bundle, check_answers, read_bundle
from realtime.inference.default_model import default_model
from realtime.inference.eight_bits import doubt_about, saturates
from realtime.inference.providers import DEVICES, is_built_for, why_not_on
from realtime.inference.rows.row_session import RowSession
from realtime.inference.runtime import NoRuntimeError, loaded_runtime
from realtime.inference.session import Inputs, ModelSession

RUNTIMES = ("onnxruntime", "onnxruntime-gpu")
SLOW_S = 0.01  # an event: sixteen lanes of them can't be thought of in a silence any more
SLOW_ROW_S = 0.02  # a row that isn't a step of time: ten notes a second are up to fifty of them
_EVENTS = 50


def model_findings(path: Path | None = None) -> Iterator[Finding]:
    """What there is to run a model with, and how the model (None: the default one) runs."""
    try:
        runtime = loaded_runtime()
    except NoRuntimeError as reason:
        what, _, remedy = str(reason).partition(": pip")
        yield wrong("runtime", what, f"pip{remedy}; until then the answer by rule plays (--model none)")
        return
    if len(_installed()) > 1:
        yield wrong(
            "runtime",
            f"{' and '.join(_installed())} are both installed and overwrite each other",
            f"pip uninstall -y {' '.join(_installed())}; then pip install 'antiphon[cpu]'",
        )
    yield fine("runtime", f"ONNX Runtime {runtime.__version__}")
    for device in DEVICES:
        yield _device(runtime, device)
    yield _product(saturates(runtime))
    yield _model(path or default_model())


def _installed() -> list[str]:
    return [name for name in RUNTIMES if _is_installed(name)]


def _is_installed(distribution: str) -> bool:
    try:
        metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _device(runtime: object, device: str) -> Finding:
    about = f"runtime on {device}"
    reason = why_not_on(runtime, device)
    if reason is None:
        return fine(about, "ran a graph of one node")
    if device == "cpu":
        return wrong(about, reason, "pip install --force-reinstall 'antiphon[cpu]'")
    if not is_built_for(runtime, device):
        return fine(about, f"not here: {reason}")  # nobody asked for it
    return noted(about, reason, "mend the driver or its libraries; until then the CPU plays")


def _product(is_saturating: bool) -> Finding:
    if is_saturating:
        return fine(
            "eight-bit products",
            "of large numbers saturate here (no VNNI); files of format 2 and later mind that",
        )
    return fine("eight-bit products", "exact")


def _model(path: Path) -> Finding:
    about = f"model {path.name}"
    try:
        bundle = read_bundle(path)
        check_answers(bundle)
        unit, takes_s, slow_s = _events(bundle) if bundle.header.family == LIVE_FAMILY else _rows(bundle)
        doubt = doubt_about(bundle)
    except SettingError as reason:
        return wrong(about, str(reason), "export or fetch the file again, or play with --model none")
    an = "an" if unit == "event" else "a"
    found = f"{bundle.summary}; {an} {unit} takes {1000 * takes_s:.2f} ms here"
    if doubt is not None:
        what, _, remedy = doubt.rpartition(": ")
        return noted(about, what, remedy)
    if takes_s > slow_s:
        return noted(about, found, "end other programs; on battery, let the processor run at full speed")
    return fine(about, found)


def _events(bundle: Bundle) -> tuple[str, float, float]:
    """What it draws, how long one takes, and what is slow."""
    return "event", event_takes_s(ModelSession(bundle)), SLOW_S


def _rows(bundle: Bundle) -> tuple[str, float, float]:
    """The same of a model of rows: a step of time must not take longer than it lasts."""
    return (
        bundle.header.unit,
        row_takes_s(RowSession(bundle)),
        bundle.encoding.seconds_per_token or SLOW_ROW_S,
    )


def event_takes_s(session: ModelSession, events: int = _EVENTS) -> float:
    """How long one event of an answer takes, in seconds: the median of some."""
    state, event = session.silent_state(), session.begin
    took = []
    for number in range(events):
        began = perf_counter()
        drawn, state = session.step(Inputs(event, (0.5, (number % 10) / 10, 0.5)), state)
        took.append(perf_counter() - began)
        event = drawn.event
    return median(took)


def row_takes_s(session: RowSession, rows: int = _EVENTS) -> float:
    """How long one row of an answer takes, in seconds: the median of some."""
    state, row = session.silent_state(), session.begin()
    took = []
    for number in range(rows):
        chance = np.full((1, session.chances), (number % 10 + 0.5) / 10)
        began = perf_counter()
        drawn, _, state = session.step(row, chance, state)
        took.append(perf_counter() - began)
        row = drawn
    return median(took)
