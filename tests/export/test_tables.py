"""The event model by tables is the event model: the same features, states, draws and scores, in torch with
every trunk and in the runtime with any number of lanes; and a file in eight bits is made of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor

from export.bundle import header_of
from export.drawing.live_draw import LiveDraw, live_controls
from export.exporting import Written, export_each, source_of_file
from export.quantize import folded
from export.step_graph import Pieces, joined, silent_states
from export.tables.event_draw import TabledDraw
from export.tables.event_step import TabledEvents
from music.encodings.event import EventEncoding
from music.listening.portrait import SIZE
from music.notes import KEYS
from music.settings import SettingError
from music.tokens.scales import EXACT_CELLS, GAPS
from realtime.inference.bundle import Bundle, fingerprint_of, sealed
from realtime.inference.session import ModelSession
from tests.support.families import TRUNKS, family_recipe
from tests.support.models import CORPUS_RECORD, small_model
from training.models.event_model import VELOCITIES, EventModel, EventModelSettings, begin_event
from training.models.from_file import event_model_of_file
from training.models.model import State

pytestmark = pytest.mark.xdist_group("exported")

STEPS = 60
LANES = 3
DRAWS = 512
CONTROLS: dict[str, dict[str, Any]] = {
    "plain": {},
    "cool": {"temperature": 0.6, "top_p": 0.9},
    "coldest": {"temperature": 0.0},
    "hottest": {"temperature": 10.0, "top_p": 0.5},
    "waited": {"gap_at_least": 130},
    "waited long": {"gap_at_least": 3100, "temperature": 3.0},
    "waited longest": {"gap_at_least": 90_000},
    "ups wished for": {"key_mask": torch.arange(2 * KEYS) >= KEYS},
    "nothing wished for": {"key_mask": 0},
    "a gap given": {"given": torch.tensor([12, 0, 0]), "is_given": torch.tensor([True, False, False])},
    "all given": {"given": torch.tensor([12, 30, 7]), "is_given": True},
    "a key up given": {"given": torch.tensor([12, KEYS + 30, 7]), "is_given": True},
    "no velocity given": {"given": torch.tensor([12, 30, 0]), "is_given": True},
}


def event_model(trunk: str, *, listens: bool = False) -> EventModel:
    model = family_recipe("event", trunk).model
    assert isinstance(model, EventModelSettings)
    torch.manual_seed(3)
    return EventModel(replace(model, listens=listens)).eval()


def events_by_chance(*, has_beat: bool) -> Tensor:
    """Steps x lanes x 3: beginnings, then anything; chords and gaps above a second among it."""
    chance = torch.Generator().manual_seed(4)
    sizes = (GAPS, 2 * KEYS, VELOCITIES)
    events = torch.stack([torch.randint(size, (STEPS, LANES), generator=chance) for size in sizes], -1)
    events[::3, :, 0] = 0
    events[1::6, :, 0] = EXACT_CELLS + events[1::6, :, 0] % (GAPS - EXACT_CELLS)
    events[0] = torch.tensor([begin_event(), begin_event(has_beat=has_beat), begin_event(has_beat=has_beat)])
    return events


def beginning(model: EventModel) -> State:
    state = silent_states(model, LANES)
    if model.listening:
        state["portrait"] = torch.randn(LANES, SIZE, generator=torch.Generator().manual_seed(5))
    return state


@pytest.mark.parametrize("listens", [False, True], ids=["deaf", "listening"])
@pytest.mark.parametrize("trunk", TRUNKS)
@torch.no_grad()
def test_a_step_leads_to_the_same_features_and_states(trunk: str, listens: bool) -> None:
    model = event_model(trunk, listens=listens)
    tabled = TabledEvents(model).eval()
    ours, theirs = beginning(model), beginning(model)
    for event in events_by_chance(has_beat=listens):
        found, ours = tabled.live_step(event, ours)
        read, theirs = model.live_step(event, theirs)
        torch.testing.assert_close(found.features, read.features, atol=1e-5, rtol=1e-5)
        assert torch.equal(found.sounding, read.sounding)
        assert ours.keys() == theirs.keys()
        for name in {"sounding", "age", "clock", "beat", "portrait"} & theirs.keys():
            assert torch.equal(ours[name], theirs[name]), name
    assert theirs["age"].max() > 1000
    assert not listens or theirs["beat"].tolist() == [[0.0], [1.0], [1.0]]


@pytest.mark.parametrize("asked", CONTROLS)
@torch.no_grad()
def test_the_same_is_drawn_and_scored_by_the_same_numbers(asked: str) -> None:
    model, chance = small_model(), torch.Generator().manual_seed(6)
    features = torch.randn(DRAWS, model.features, generator=chance)
    sounding = (torch.rand(DRAWS, KEYS, generator=chance) < 0.1).float()
    controls = live_controls(DRAWS)
    controls["chance"] = torch.rand(DRAWS, 3, generator=chance)
    for name, value in CONTROLS[asked].items():
        controls[name][:] = value
    ours = TabledDraw(model)(features, sounding, *controls.values())
    theirs = LiveDraw(model)(features, sounding, *controls.values())
    for one, other in zip(ours[:2], theirs[:2], strict=True):
        assert torch.equal(one, other)
    torch.testing.assert_close(ours[2], theirs[2], atol=1e-4, rtol=1e-5)
    fewest = {"coldest": 1, "all given": 1, "a key up given": 1, "no velocity given": 1}.get(asked, 9)
    assert len(ours[0].unique(dim=0)) >= fewest


@torch.no_grad()
def test_a_number_from_the_very_ends_draws_what_has_a_chance() -> None:
    model = small_model()
    features, sounding = torch.zeros(3, model.features), torch.zeros(3, KEYS)
    controls = live_controls(3)
    controls["chance"][:] = torch.tensor([0.0, 0.5, 1.0])[:, None]
    event, _, scores = TabledDraw(model)(features, sounding, *controls.values())
    assert (event[:, 1] < KEYS).all()  # nothing sounds, so nothing goes up
    assert ((event[:, 2] >= 1) & (event[:, 2] < VELOCITIES)).all()
    assert (scores > -30).all()


def session_of(model: EventModel, traced: Pieces) -> ModelSession:
    record = {"data": [CORPUS_RECORD], "tier": "own", "source_commit": "0123abcd"}
    header = header_of("small", record, EventEncoding(), model, "fp32")
    graph = joined(Pieces(folded(traced.trunk), folded(traced.draw)))
    content = sealed(graph.SerializeToString(), header)
    return ModelSession(Bundle(Path("small.onnx"), header, fingerprint_of(content), content))


@pytest.mark.slow
@pytest.mark.parametrize("lanes", [1, 8])
def test_in_the_runtime_both_graphs_play_the_same(
    model: EventModel, traced_pieces: Pieces, traced_tables: Pieces, lanes: int
) -> None:
    ours, theirs = session_of(model, traced_tables), session_of(model, traced_pieces)
    chance, state, other = np.random.default_rng(7), ours.silent_state(lanes), theirs.silent_state(lanes)
    events = np.repeat([begin_event()], lanes, 0)
    for _ in range(STEPS):
        feeds = ours._controls(lanes)
        feeds["event"], feeds["chance"] = events, chance.random((lanes, 3)).astype(np.float32)
        feeds["top_p"][:] = 0.95
        events, cells, scores, *after = ours._run(ours._names, feeds, state)
        drawn, until, nats, *afterwards = theirs._run(theirs._names, feeds, other)
        np.testing.assert_array_equal(events, drawn)
        np.testing.assert_array_equal(cells, until)
        np.testing.assert_allclose(scores, nats, atol=1e-4)
        for one, another in zip(after, afterwards, strict=True):
            np.testing.assert_allclose(one, another, atol=1e-4)
        state, other = tuple(after), tuple(afterwards)
    assert len(np.unique(events)) > 1


@pytest.mark.slow
def test_a_file_in_eight_bits_is_made_by_tables_and_one_to_learn_on_from_is_not(
    kept_file: Path, tmp_path: Path
) -> None:
    source = source_of_file(kept_file, None)
    files = {}
    for written in export_each(source, tmp_path, ["int8", "fp32"]):
        assert isinstance(written, Written), written
        files[written.bundle.header.precision] = written.bundle
    eight, whole = (onnx.load_from_string(files[name].content).graph for name in ("int8", "fp32"))
    assert {"model.rows", "draw/after_gap"} <= set(_weights(eight))
    assert len(eight.node) < len(whole.node)
    assert event_model_of_file(files["fp32"].path) is not None
    with pytest.raises(SettingError, match="eight bits can't be trained further"):
        event_model_of_file(files["int8"].path)


def _weights(graph: onnx.GraphProto) -> list[str]:
    inner = [part.g for node in graph.node for part in node.attribute if part.HasField("g")]
    return [value.name for each in (graph, *inner) for value in each.initializer]
