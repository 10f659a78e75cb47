"""Of a file that can be asked to draw, two graphs that can't: each does what the file does when asked so."""

from pathlib import Path

import numpy as np
import pytest

from realtime.inference.bundle import EVENT, OUTPUTS, WHETHER_TO_DRAW, read_bundle
from realtime.inference.chance import chances
from realtime.inference.default_model import default_model
from realtime.inference.entries import entry, input_names
from realtime.inference.graphs.opening import opened
from realtime.inference.runtime import loaded_runtime
from realtime.inference.session import Inputs, ModelSession
from tests.support.command import ROOT

pytest.importorskip("onnxruntime")

GOLDEN = ROOT / "tests" / "golden"
FILES = [GOLDEN / "format-1-fp32.onnx", GOLDEN / "format-2-int8.onnx", default_model(), default_model("cuda")]


def folded(content: bytes, path: Path) -> bytes:
    """What the runtime makes of a graph when it opens it."""
    runtime = loaded_runtime()
    options = runtime.SessionOptions()
    options.optimized_model_filepath = str(path)
    options.log_severity_level = 3
    runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return path.read_bytes()


@pytest.mark.parametrize("draws", [False, True])
def test_opened_it_has_no_choice_left_in_it(tmp_path: Path, draws: bool) -> None:
    choice = b"\x22\x02If"  # the kind of a node
    whole = read_bundle(FILES[0]).content
    assert choice in folded(whole, tmp_path / "whole.onnx")
    assert choice not in folded(entry(whole, draws=draws), tmp_path / "entry.onnx")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_entry_gives_what_the_file_gives_that_is_asked_for_it(path: Path) -> None:
    bundle = read_bundle(path)
    session = ModelSession(bundle)
    runtime, file = loaded_runtime(), opened(bundle, "cpu")
    feeds = session._controls(2)
    feeds[EVENT][:] = [(5, 40, 9), (9, 50, 20)]
    states = session.silent_state(2)
    feeds |= dict(zip(session._state_names, states, strict=True))
    after = [f"{name}_after" for name in session._state_names]
    for draws, names in ((False, after), (True, [*OUTPUTS, *after])):
        feeds[WHETHER_TO_DRAW] = np.array(draws)
        expected = file.run(names, feeds)
        fixed = runtime.InferenceSession(
            entry(bundle.content, draws=draws), providers=["CPUExecutionProvider"]
        )
        taken = {value.name for value in fixed.get_inputs()}
        assert WHETHER_TO_DRAW not in taken
        found = fixed.run(names, {name: value for name, value in feeds.items() if name in taken})
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_a_file_takes_the_question_and_its_entries_do_not() -> None:
    content = read_bundle(FILES[0]).content
    assert {EVENT, WHETHER_TO_DRAW, "hidden", "key_mask"} <= input_names(content)
    for draws in (False, True):
        assert input_names(entry(content, draws=draws)) == input_names(content) - {WHETHER_TO_DRAW}


def test_many_lanes_hear_and_draw_by_the_entries_too() -> None:
    session = ModelSession(read_bundle(FILES[0]))
    events, state = np.array([(5, 40, 9), (9, 50, 20)]), session.silent_state(2)
    feeds = session._controls(2)
    feeds[EVENT] = events
    *_, hidden, _, _, _ = session._run(session._names, feeds, state)
    np.testing.assert_allclose(session.feed_lanes(events, state)[0], hidden, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("path", [*FILES, GOLDEN / "format-3-tables-int8.onnx"], ids=lambda path: path.name)
def test_without_scores_it_plays_the_same_with_fewer_nodes(path: Path, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    bundle = read_bundle(path)
    sizes = []
    for scores in (True, False):
        content = entry(bundle.content, draws=True, scores=scores)
        onnx.checker.check_model(onnx.load_from_string(content))
        made = onnx.load_from_string(folded(content, tmp_path / f"{scores}.onnx"))
        sizes.append(len(made.graph.node))
    assert sizes[1] <= sizes[0] - 14
    whole, plain = ModelSession(bundle), ModelSession(bundle, scores=False)
    state = whole.silent_state()
    ours, theirs, event = state, state, whole.begin
    for draw in range(60):
        inputs = Inputs(event, chances(1, 1, 1, draw), top_p=0.95)
        drawn, theirs = whole.step(inputs, theirs)
        played, ours = plain.step(inputs, ours)
        assert (played.event, played.cells) == (drawn.event, drawn.cells)
        assert played.log_probability is None
        assert all((one == other).all() for one, other in zip(ours, theirs, strict=True))
        event = drawn.event


def test_without_scores_nothing_is_given_and_nothing_scored() -> None:
    session = ModelSession(read_bundle(FILES[0]), scores=False)
    state, begin = session.silent_state(), np.array([session.begin])
    with pytest.raises(AssertionError, match="without scores"):
        session.score(begin, np.zeros_like(begin), state)
    with pytest.raises(AssertionError, match="without scores"):
        session.step(Inputs(session.begin, (0.5,) * 3, given=(1, None, None)), state)
