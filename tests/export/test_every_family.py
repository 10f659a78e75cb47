"""A file of every family is as surprised as its model, draws what it draws, and does as it is asked."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray

from export.exporting import Written, export_each, source_of_file, source_of_run
from export.row_parity import whole_row_scores
from export.windowed import Windowed, over_windows
from music.notes import KEYS
from music.settings import SettingError
from realtime.answerers.network import Network
from realtime.inference.bundle import PRECISIONS, Bundle, ModelFileError, read_bundle
from realtime.inference.rows.row_session import RowControls, RowSession, open_rows
from realtime.inference.session import ModelSession, open_session
from tests.support.families import FAMILIES, family_recipe, family_run
from tests.support.phrases import improvised
from training.models.catalogue import model_for
from training.models.model import Model
from training.models.rolls.sliding import that_draws
from training.opened_run import opened
from training.playing.generation import heard, memory_of
from training.playing.practice import practice_of

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]

ROWS = [name for name in FAMILIES if name != "event"]
# a step of these costs more, in torch or in the runtime
COSTLY = ("windows", "growing", "cold", "squared", "nade", "biaxial", "deep", "rbm")
families = pytest.mark.parametrize("family", ROWS)


class Exported(NamedTuple):
    """A model as it was traced, and its files by precision."""

    model: Model
    files: dict[str, Path]


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Models this small are traced and compared three times as fast by one thread as by several on a busy
    machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """By family; each is exported once."""
    folder = tmp_path_factory.mktemp("families")

    @cache
    def of(family: str) -> Exported:
        run = opened(family_run(folder, family).path)
        written = list(export_each(source_of_run(run, None), folder, PRECISIONS))
        assert all(isinstance(one, Written) for one in written), written
        model, memory = model_for(run.recipe.model, run.encoding), memory_of(run.recipe)
        run.put_weights(model)
        is_windowed = practice_of(run.recipe).window
        model = (
            over_windows(model, memory.window, is_filled=memory.is_filled)
            if is_windowed
            else that_draws(model)
        ).eval()
        return Exported(model, {one.bundle.header.precision: one.bundle.path for one in written})

    return of


def rows_in(session: RowSession, lanes: int, length: int) -> NDArray[Any]:
    """Lanes of music made by rule, after the row before the first: lanes x (length + 1) x F."""
    encoding = session.bundle.encoding
    music = [encoding.encode(improvised(seed, notes=max(length, 20), pedal=False)) for seed in range(lanes)]
    kind = session.begin().dtype
    return np.stack(
        [
            np.concatenate([session.begin(), np.resize(piece, (length, piece.shape[1])).astype(kind)])
            for piece in music
        ]
    )


def scores_of(session: RowSession, rows: NDArray[Any]) -> NDArray[Any]:
    """By the file, row by row: lanes x length x parts."""
    state, scores = session.silent_state(len(rows)), []
    for place in range(rows.shape[1] - 1):
        score, state = session.score(rows[:, place], rows[:, place + 1], state)
        scores.append(score)
    return np.stack(scores, axis=1)


@families
@pytest.mark.parametrize("lanes", [1, 8])
@pytest.mark.parametrize("length", [1, 2, 7, 64])
def test_the_file_is_as_surprised_as_the_model(exported: Any, family: str, lanes: int, length: int) -> None:
    session, model = open_rows(exported(family).files["fp32"]), exported(family).model
    rows = rows_in(session, lanes, length)
    wanted = np.stack([whole_row_scores(model, lane) for lane in rows])
    np.testing.assert_allclose(scores_of(session, rows), wanted, rtol=2e-5, atol=2e-5)


@families
def test_the_header_says_what_it_is(exported: Any, family: str) -> None:
    model = exported(family).model
    header = read_bundle(exported(family).files["int8"]).header
    assert (header.family, header.unit, header.parts) == (model.kind, model.unit, model.parts)
    assert header.reads_symbols == model.reads_symbols
    assert len(header.begin) == len(header.fields)
    assert header.window == {"windows": 6, "squared": 6, "growing": 6, "cold": 5}.get(family, 0)


@families
def test_a_row_depends_on_its_random_numbers_alone(exported: Any, family: str) -> None:
    session = open_rows(exported(family).files["fp32"])
    rows, chance = rows_in(session, 3, 1)[:, 1], np.random.default_rng(1).random((3, session.chances))
    state = session.silent_state(3)
    drawn, scores, _ = session.step(rows, chance, state)
    again, _, _ = session.step(rows[:1], chance[:1], session.silent_state(1))
    np.testing.assert_allclose(drawn[:1], again, rtol=1e-5)
    assert np.isfinite(scores).all()
    fed = session.feed(rows, state)
    for one, other in zip(fed, session.step(rows, chance, state)[2], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


@families
def test_what_is_given_comes_out_and_what_is_not_wished_for_does_not(exported: Any, family: str) -> None:
    session = open_rows(exported(family).files["fp32"])
    header, lanes = session.bundle.header, 64
    rows = np.repeat(session.begin(), lanes, 0)
    chance = np.random.default_rng(2).random((lanes, session.chances))
    given = np.repeat(rows_in(session, 1, 3)[0, 3:4], lanes, 0)
    is_given = np.zeros(given.shape, np.bool_)
    is_given[:, 0] = True
    drawn, _, _ = session.step(
        rows, chance, session.silent_state(lanes), RowControls(given=given, is_given=is_given)
    )
    np.testing.assert_array_equal(drawn[:, 0], given[:, 0])
    assert header.wishes is not None
    wishes = np.zeros((lanes, header.wishes.count))
    wishes[:, 3:5] = 1
    asked = RowControls(temperature=5.0, wishes=wishes)
    drawn, _, _ = session.step(rows, chance, session.silent_state(lanes), asked)
    if header.family in ("roll", "biaxial", "rbm"):
        assert set(np.flatnonzero(drawn[:, : header.wishes.count].any(0))) <= {3, 4}
    else:
        place = [field.name for field in header.fields].index(header.wishes.name)
        assert set(drawn[:, place]) <= {3, 4}


@pytest.mark.parametrize("family", ["nade", "windows"])
def test_a_file_is_exported_anew_without_its_run(exported: Any, family: str, tmp_path: Path) -> None:
    (result,) = export_each(source_of_file(exported(family).files["fp16"], None), tmp_path, ["int8"])
    assert isinstance(result, Written)
    assert read_bundle(result.bundle.path).header.parts == exported(family).model.parts


def test_a_row_that_can_not_be_is_refused(exported: Any) -> None:
    session = open_rows(exported("symbol").files["fp32"])
    with pytest.raises(SettingError, match="token is a number from 0 to 387, not 1000 to 1000"):
        session.feed(np.array([[1000]]), session.silent_state())
    with pytest.raises(SettingError, match="a temperature is a number from 0 to 10, not 11"):
        RowControls(temperature=11.0)


def test_a_model_of_another_family_is_not_opened_as_one_of_events(exported: Any) -> None:
    with pytest.raises(ModelFileError, match="a symbol model, where one of events is asked for"):
        open_session(exported("symbol").files["int8"])


def test_a_machine_over_windows_of_one_step_is_refused_with_what_to_do(tmp_path: Path) -> None:
    one_step = {"model": {"kind": "rbm", "steps": 1}}
    with pytest.raises(SettingError, match=r"hears nothing of the steps before.*--polish.*model.steps=2"):
        source_of_run(opened(family_run(tmp_path, "rbm", changes=one_step).path), None)


@pytest.mark.parametrize("family", ["growing", "cold", "windows"])
def test_a_window_that_grows_or_is_always_full_is_read_as_in_training(exported: Any, family: str) -> None:
    session, model = open_rows(exported(family).files["fp32"]), exported(family).model
    assert isinstance(model, Windowed)
    memory, rows = memory_of(family_recipe(family)), rows_in(session, 2, 9)
    scores = scores_of(session, rows)
    for lane, piece in enumerate(rows):
        for place in range(1, len(piece)):
            before = heard(model.model, piece[1:place], memory).read
            following = torch.from_numpy(piece[place])[None, None]
            wanted = -model.surprise(before, following)[0, 0].detach().numpy()
            np.testing.assert_allclose(scores[lane, place - 1], wanted, rtol=2e-5, atol=2e-5)


@pytest.mark.parametrize("trunk", ["bidirectional", "conv", "channel", "ring", "linear", "normed"])
def test_a_window_that_grows_is_exported_with_every_trunk(trunk: str, tmp_path: Path) -> None:
    run = opened(family_run(tmp_path, "growing", trunk).path)
    (result,) = export_each(source_of_run(run, None), tmp_path, ["fp32"])
    assert isinstance(result, Written), result


@pytest.fixture(scope="module")
def backwards_ring(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A file in eight bits of events with a ring, whose run learnt music backwards."""
    folder = tmp_path_factory.mktemp("backwards")
    backwards = {"data.transforms": [{"name": "reverse"}]}
    run = opened(family_run(folder, "event", "ring", backwards).path)
    (result,) = export_each(source_of_run(run, None), folder, ["int8"])
    assert isinstance(result, Written), result
    return result.bundle


def test_events_with_a_ring_are_written_in_eight_bits(backwards_ring: Bundle) -> None:
    graph = onnx.load_from_string(backwards_ring.content).graph
    (choice,) = (node for node in graph.node if node.op_type == "If")
    weighed = {name for part in choice.attribute for node in part.g.node for name in node.input}
    assert "model.model.trunk.query.weight_quantized" in weighed & {value.name for value in graph.initializer}


def test_a_run_of_events_that_learnt_backwards_is_turned_and_answers_nothing(backwards_ring: Bundle) -> None:
    assert backwards_ring.header.is_backwards
    with pytest.raises(ModelFileError, match="it learnt music backwards, so it can't answer"):
        Network(ModelSession(backwards_ring), 1)


@pytest.mark.parametrize(
    ("family", "lanes", "length"),
    [
        *((family, lanes, 2000) for family in ROWS if family not in COSTLY for lanes in (1, 8)),
        *((family, 1, 300) for family in COSTLY),
    ],
)
def test_over_many_rows_the_file_stays_with_the_model(
    exported: Any, family: str, lanes: int, length: int
) -> None:
    session, model = open_rows(exported(family).files["fp32"]), exported(family).model
    rows = rows_in(session, lanes, length)
    wanted = np.stack([whole_row_scores(model, lane) for lane in rows])
    np.testing.assert_allclose(scores_of(session, rows), wanted, rtol=1e-4, atol=1e-4)


def test_a_mask_of_keys_is_none_of_chords(exported: Any) -> None:
    session = open_rows(exported("chord").files["int8"])
    keys = RowControls(wishes=np.ones((1, KEYS)))
    with pytest.raises(
        SettingError, match=r"a control of the shape \(1, 88\), where \(1, \d+\) is asked for"
    ):
        session.step(session.begin(), np.full((1, session.chances), 0.5), session.silent_state(), keys)
