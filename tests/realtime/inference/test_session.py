"""A session opens on the device asked for or not at all, and refuses what the graph can't make sense of."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from music.listening.portrait import SIZE
from music.settings import SettingError
from realtime.inference.bundle import Bundle, Header, ModelFileError, StateShape
from realtime.inference.default_model import default_model
from realtime.inference.graphs.handmade import one_node_model
from realtime.inference.graphs.opening import DeviceError
from realtime.inference.runtime import NoRuntimeError
from realtime.inference.session import Inputs, LaneInputs, ModelSession, open_session
from tests.realtime.inference.test_bundle import HEADER
from tests.support.command import ROOT
from tests.support.runtime import FakeRuntime

SMALL = replace(HEADER, precision="fp32", states=(StateShape("hidden", (2, -1, 8)),))


def bundle(header: Header = SMALL, content: bytes = b"") -> Bundle:
    return Bundle(Path("small.onnx"), header, "00", content)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    made = FakeRuntime()
    monkeypatch.setitem(sys.modules, "onnxruntime", made)
    return made


def test_one_call_tells_the_graph_everything_and_leaves_the_state_alone(runtime: FakeRuntime) -> None:
    session = ModelSession(bundle())
    state = session.silent_state()
    mask = np.zeros(176)
    inputs = Inputs((1, 2, 3), (0.1, 0.2, 0.3), (0.5, 1.0, 2.0), 0.9, mask, (None, 5, None), 42)
    outputs, after = session.step(inputs, state)
    assert outputs.event == (3, 40, 9)
    assert outputs.cells == 3
    assert outputs.log_probability == (-1.0, -2.0, -3.0)
    assert not state[0].any()
    assert after[0].all()
    fed = runtime.fed
    assert fed["event"].tolist() == [[1, 2, 3]]
    assert fed["given"].tolist() == [[0, 5, 0]]
    assert fed["is_given"].tolist() == [[False, True, False]]
    assert fed["gap_at_least"].tolist() == [42]
    assert fed["temperature"].tolist() == [[0.5, 1.0, 2.0]]
    assert not fed["key_mask"].any()
    assert fed["draw"]


def test_a_control_holds_for_one_call_only(runtime: FakeRuntime) -> None:
    session = ModelSession(bundle())
    state = session.silent_state()
    session.step(
        Inputs((1, 2, 3), (0.5,) * 3, key_mask=np.zeros(176), given=(1, 2, 3), gap_at_least=9), state
    )
    session.step(Inputs((1, 2, 3), (0.5,) * 3), state)
    assert runtime.fed["key_mask"].all()
    assert not runtime.fed["is_given"].any()
    assert not runtime.fed["gap_at_least"].any()


def test_feeding_draws_nothing(runtime: FakeRuntime) -> None:
    session = ModelSession(bundle())
    (after,) = session.feed((4, 5, 6), session.silent_state())
    assert after.all()
    assert not runtime.fed["draw"]
    assert runtime.fed["event"].tolist() == [[4, 5, 6]]


def test_one_thread_that_does_not_spin(runtime: FakeRuntime) -> None:
    ModelSession(bundle())
    assert runtime.options["session.intra_op.allow_spinning"] == "0"
    assert runtime.options["itself"].intra_op_num_threads == 1
    assert runtime.options["itself"].inter_op_num_threads == 1


@pytest.mark.parametrize(
    ("inputs", "why"),
    [
        (Inputs((141, 0, 0), (0.5,) * 3), "event (141, 0, 0)"),
        (Inputs((0, -1, 0), (0.5,) * 3), "event (0, -1, 0)"),
        (
            Inputs((0, 0, 0), (0.5,) * 3, temperature=(1.0, -0.1, 1.0)),
            "a temperature is a number from 0 to 10",
        ),
        (Inputs((0, 0, 0), (0.5,) * 3, temperature=(float("nan"), 1.0, 1.0)), "not nan"),
        (Inputs((0, 0, 0), (0.5,) * 3, top_p=1.1), "from 0 to 1, not 1.1"),
        (Inputs((0, 0, 0), (0.5, 0.5, float("nan"))), "from 0 to 1, not nan"),
        (Inputs((0, 0, 0), (0.5,) * 3, given=(None, 176, None)), "a given key is a number from 0 to 175"),
        (Inputs((0, 0, 0), (0.5,) * 3, gap_at_least=-1), "gap_at_least is a number of cells from 0"),
        (Inputs((0, 0, 0), (0.5,) * 3, key_mask=np.ones(88)), "a key mask has 176 numbers"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_value(
    runtime: FakeRuntime, inputs: Inputs, why: str
) -> None:
    session = ModelSession(bundle())
    with pytest.raises(SettingError) as error:
        session.step(inputs, session.silent_state())
    assert why in str(error.value)


@pytest.mark.parametrize(
    ("cuda", "reason"),
    [
        ("absent", "built without it"),
        ("raises", "CUDA failure 100: no CUDA-capable device is detected"),
        ("falls back", "libcublasLt.so.13: cannot open shared object file"),
    ],
)
def test_a_device_that_does_not_work_is_refused_with_the_reason_and_nothing_else_is_written(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], cuda: str, reason: str
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", FakeRuntime(cuda))
    with pytest.raises(DeviceError, match="no cuda device can be used here: ") as error:
        ModelSession(bundle(), "cuda")
    assert reason in str(error.value)
    assert str(error.value).endswith("; say --device cpu")
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")


def test_a_device_that_works_is_played_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", FakeRuntime("works"))
    session = ModelSession(bundle(), "cuda")
    assert session.device == "cuda"
    assert session.step(Inputs((1, 2, 3), (0.5,) * 3), session.silent_state())[0].event == (3, 40, 9)


def test_a_device_that_is_none_is_refused(runtime: FakeRuntime) -> None:
    with pytest.raises(SettingError, match="there are: cpu, cuda"):
        ModelSession(bundle(), "tpu")


def test_eight_bits_on_cuda_is_refused_before_a_runtime_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SettingError, match="--precision fp16"):
        ModelSession(bundle(HEADER), "cuda")


def test_without_a_runtime_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(NoRuntimeError, match=r"pip install 'antiphon\[cpu\]'"):
        ModelSession(bundle())


def test_a_graph_with_another_face_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", FakeRuntime(states=("memory",)))
    with pytest.raises(ModelFileError, match="another face"):
        ModelSession(bundle())


def test_a_graph_that_is_none_or_another_is_refused_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime")
    for content in (b"\x08\x01", one_node_model()):
        with pytest.raises(ModelFileError) as error:
            ModelSession(bundle(content=content))
        assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")


LISTENING_STATES = (
    *SMALL.states,
    StateShape("clock", (-1, 1)),
    StateShape("beat", (-1, 1)),
    StateShape("portrait", (-1, SIZE)),
)


def listening(monkeypatch: pytest.MonkeyPatch, states: tuple[StateShape, ...]) -> ModelSession:
    runtime = FakeRuntime(states=tuple(state.name for state in states))
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    return ModelSession(bundle(replace(SMALL, states=states)))


def test_a_file_without_the_state_for_it_does_not_listen(runtime: FakeRuntime) -> None:
    session = ModelSession(bundle())
    assert not session.listens
    for call in (
        lambda: session.feed(session.begin_in_beats, session.silent_state()),
        lambda: session.step(Inputs(session.begin_in_beats, (0.5,) * 3), session.silent_state()),
    ):
        with pytest.raises(SettingError, match="gap, key and velocity are below"):
            call()
    session.feed(session.begin, session.silent_state())


def test_a_file_that_listens_takes_the_row_before_music_that_keeps_a_beat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = listening(monkeypatch, LISTENING_STATES)
    assert session.listens
    assert session.begin_in_beats == (*session.begin[:2], 1)
    session.feed(session.begin_in_beats, session.silent_state())
    with pytest.raises(SettingError, match="gap, key and velocity are below"):
        session.feed((*session.begin[:2], 2), session.silent_state())


@pytest.mark.parametrize("lanes", [1, 3])
def test_a_portrait_is_known_to_every_lane_and_the_rest_of_the_state_stays(
    monkeypatch: pytest.MonkeyPatch, lanes: int
) -> None:
    session = listening(monkeypatch, LISTENING_STATES)
    silent = session.silent_state(lanes)
    portrait = np.arange(SIZE, dtype=np.float32)
    hidden, clock, beat, known = session.knowing(portrait, silent)
    assert (known == portrait).all()
    assert known.shape == (lanes, SIZE)
    assert known.dtype == np.float32
    assert (hidden is silent[0]) & (clock is silent[1]) & (beat is silent[2])
    assert not silent[3].any()


def test_a_file_that_hears_other_portraits_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    states = (*LISTENING_STATES[:-1], StateShape("portrait", (-1, SIZE + 1)))
    with pytest.raises(ModelFileError, match="portraits of another size"):
        listening(monkeypatch, states)


def test_what_is_open_keeps_no_bytes_of_its_file() -> None:
    pytest.importorskip("onnxruntime")
    path = default_model()
    session = open_session(path)
    assert session.bundle.content == b""
    assert session.bundle.size == path.stat().st_size
    for opened in (session._hearing, session._drawing):
        assert not [kept for kept in vars(opened).values() if isinstance(kept, bytes)]


def test_lanes_are_stepped_in_one_call(runtime: FakeRuntime) -> None:
    session = ModelSession(bundle())
    mask = np.ones((2, 176), np.float32)
    mask[1] = 0
    inputs = LaneInputs(
        events=np.array([[1, 2, 3], [4, 5, 6]]),
        chance=np.full((2, 3), 0.25, np.float32),
        key_mask=mask,
        gap_at_least=np.array([7, 0]),
        temperature=(0.5, 1.0, 1.5),
        top_p=0.875,
    )
    events, cells, (after,) = session.step_lanes(inputs, session.silent_state(2))
    assert events.tolist() == [[3, 40, 9]]  # the double answers with one
    assert cells.tolist() == [3]
    assert after.shape == (2, 2, 8)
    fed = runtime.fed
    assert fed["event"].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert fed["temperature"].tolist() == [[0.5, 1.0, 1.5]] * 2
    assert fed["top_p"].tolist() == [0.875] * 2
    assert fed["gap_at_least"].tolist() == [7, 0]
    assert fed["key_mask"].mean(1).tolist() == [1.0, 0.0]
    assert fed["draw"]


def test_reading_a_model_imports_no_runtime_torch_or_onnx() -> None:
    code = (
        "import sys, realtime.inference.bundle, realtime.inference.session, realtime.inference.chance\n"
        "assert not {'torch', 'onnx', 'onnxruntime', 'training', 'export'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_graph_without_end_is_refused_in_time(
    runtime: FakeRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = Event()
    monkeypatch.setattr(ModelSession, "_warm_up", lambda _: ends.wait())
    monkeypatch.setattr("realtime.inference.graphs.opening.WARM_WITHIN_S", 0.05)
    with pytest.raises(ModelFileError, match=r"its graph comes to no end within 0\.05 s; export the run"):
        ModelSession(bundle())
    ends.set()
