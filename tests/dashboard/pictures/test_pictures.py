"""Pictures: each is whole SVG, and what is drawn lies where its numbers say."""

import json
import re
from contextlib import suppress
from math import nan
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dashboard.pictures.capacity import capacity, rows_of
from dashboard.pictures.classes import by_class, by_frequency
from dashboard.pictures.embeddings import Placed, colour_of, map_of
from dashboard.pictures.frame import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Axis, Frame
from dashboard.pictures.histograms import beside_each_other
from dashboard.pictures.kept import classes_in, drawn_into, pictures_in
from dashboard.pictures.learning import learning
from dashboard.pictures.measures import on_the_plane
from dashboard.pictures.melody import rebuilt_melody
from dashboard.pictures.sampling import by_stage, has_stages
from evaluation.likeness.histograms import histograms_of
from music.phrase import Phrase
from music.settings import SettingError
from tests.support.judged import learnt_run
from tests.support.phrases import improvised

SVG = "{http://www.w3.org/2000/svg}"


def tags(picture: str, name: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(picture).iter(f"{SVG}{name}"))


def words(picture: str) -> list[str]:
    return [element.text or "" for element in tags(picture, "text")]


@pytest.mark.parametrize("is_log", [False, True])
def test_an_axis_holds_all_values_and_marks_some(is_log: bool) -> None:
    values = [0.02, 3.0, 70.0]
    axis = Axis.around("x", values, is_log=is_log)
    places = [axis.at(value, 0, 100) for value in values]
    assert places == sorted(places)
    assert 0 <= places[0] < places[-1] <= 100
    assert 3 <= len(axis.marks()) <= 11
    assert all(axis.least <= mark <= axis.most for mark in axis.marks())


@pytest.mark.parametrize("values", [[], [5.0], [5.0, 5.0], [0.0]])
@pytest.mark.parametrize("is_log", [False, True])
def test_an_axis_of_one_value_or_none_is_one_all_the_same(values: list[float], is_log: bool) -> None:
    axis = Axis.around("x", values, is_log=is_log)
    assert axis.most > axis.least
    assert axis.marks()


def test_corners_lie_in_the_corners() -> None:
    frame = Frame("title & more", Axis("x", 0, 10), Axis("y", 0, 1))
    assert frame.place((0, 0)) == (LEFT, HEIGHT - BOTTOM)
    assert frame.place((10, 1)) == (WIDTH - RIGHT, TOP)
    assert "title & more" in words(frame.around([], {}))


RECIPES = {
    f"{cell}-{size}": {"model": {"trunk": {"kind": cell, "width": 16}}, "data": {"most_rows": size}}
    for cell in ("rnn", "lstm")
    for size in (40, 160)
} | {"lstm-without": {"model": {"trunk": {"kind": "lstm", "width": 16}}, "data": {"most_rows": 160}}}
OUTCOMES = {
    name: {"least_loss": 0.1 * place, "measures": {"chamfer": 10.0**-place}}
    for place, name in enumerate(RECIPES)
    if name != "lstm-without"
}


@pytest.mark.parametrize("figure", ["least_loss", "chamfer"])
def test_capacity_has_a_line_for_each_cell_and_width(figure: str) -> None:
    picture = capacity(rows_of(RECIPES, OUTCOMES), figure)
    assert {"LSTM 16", "RNN 16"} <= set(words(picture))
    assert len(tags(picture, "circle")) == 4 + 2  # a dot a point, and a dot a name
    heights = [float(dot.attrib["cy"]) for dot in tags(picture, "circle")[:2]]
    assert (heights[0] > heights[1]) == (figure == "least_loss")


def test_a_figure_that_no_run_has_is_refused() -> None:
    with pytest.raises(SettingError, match="no run of it has the figure chamfer"):
        capacity([{"cell": "rnn", "width": 16, "characters": 40, "least_loss": 1.0}], "chamfer")


def test_stages_lie_on_the_plane_of_the_corpus() -> None:
    points = {"the corpus": [[0.0, 0.0], [1.0, 1.0]], "at_0": [[5.0, 5.0]], "at_100": [[0.5, 0.5]]}
    picture = on_the_plane({"shares": (0.5, 0.25), "points": points})
    assert {"the corpus", "after 0 %", "after 100 %"} <= set(words(picture))
    assert any("50%" in line for line in words(picture))
    assert len(tags(picture, "circle")) == 4 + 3


@pytest.mark.parametrize("field", ["pitch", "gap", "length", "velocity"])
def test_histograms_stand_beside_each_other(field: str) -> None:
    chart = {"drawn": histograms_of([improvised(1)]), "corpus": histograms_of([improvised(2), improvised(3)])}
    picture = beside_each_other(chart, field)
    assert {"drawn", "the corpus"} <= set(words(picture))
    silent = beside_each_other(chart | {"drawn": histograms_of([Phrase()])}, field)
    assert "drawn" not in words(silent)
    with pytest.raises(SettingError, match="no notes"):
        beside_each_other(dict.fromkeys(("drawn", "corpus"), histograms_of([Phrase()])), field)


def test_drawn_notes_stand_beside_those_of_the_song_that_was_learnt(tmp_path: Path) -> None:
    chart = {"drawn": histograms_of([improvised(1)]), "learnt": histograms_of([improvised(2)])}
    (tmp_path / "charts.json").write_text(json.dumps({"original": chart}))
    pictures = dict(pictures_in(tmp_path))
    assert set(pictures) == {"pitch-learnt", "gap-learnt", "length-learnt"}
    for picture in pictures.values():
        assert {"drawn", "what was learnt"} <= set(words(picture()))
        assert "the corpus" not in words(picture())


def test_what_is_drawn_after_learnt_music_has_pictures_of_its_own(tmp_path: Path) -> None:
    after, alone = (
        {"drawn": histograms_of([improvised(seed)]), "corpus": histograms_of([improvised(3)])}
        for seed in (1, 2)
    )
    (tmp_path / "charts.json").write_text(json.dumps({"histograms": alone, "after_learnt": after}))
    pictures = {name: picture() for name, picture in pictures_in(tmp_path)}
    fields = ("pitch", "gap", "length", "velocity")
    assert set(pictures) == {*fields, *(f"{field}-after" for field in fields)}
    assert pictures["pitch-after"] == beside_each_other(after, "pitch") != pictures["pitch"]


def test_the_best_held_out_loss_is_marked_and_a_high_beginning_left_out() -> None:
    train = [{"step": step, "loss": loss} for step, loss in ((1, 60.0), (5, 4.0), (8, 3.0), (10, 2.0))]
    held_out = [{"step": step, "loss": loss} for step, loss in ((5, 5.0), (8, 3.25), (10, 4.0))]
    picture = learning(train, held_out)
    assert {"learnt", "held out: 3.25"} <= set(words(picture))
    marked, *_ = tags(picture, "circle")
    lines = [line.attrib["points"].split() for line in tags(picture, "polyline")][-2:]
    assert f"{marked.attrib['cx']},{marked.attrib['cy']}" == lines[1][1]
    assert len(lines[0]) == 3  # without the first
    assert "learnt" not in words(learning([], held_out))
    with pytest.raises(SettingError, match="no step"):
        learning([], [])


def test_of_a_long_curve_with_losses_that_are_no_numbers_the_others_are_drawn() -> None:
    rows = [{"step": step, "loss": nan if step % 100 == 0 else 2.0 + step % 2} for step in range(1, 9001)]
    picture = learning(rows, [])
    assert "nan" not in picture
    *_, line = tags(picture, "polyline")
    assert 600 < len(line.attrib["points"].split()) <= 1200
    with pytest.raises(SettingError, match="no step"):
        learning([{"step": 1, "loss": nan}], [])


COUNTS = {"symbols": ["on 60", "on 61", "off"], "there": [90, 10, 0], "said": [80, 0, 5], "right": [72, 0, 0]}


def test_each_class_has_its_figures_and_a_class_without_some_has_none() -> None:
    common, rare, never = by_class(COUNTS)
    assert (common["symbol"], common["precision"], common["recall"]) == ("on 60", 0.9, 0.8)
    assert common["F1"] == pytest.approx(2 * 0.9 * 0.8 / 1.7)
    assert (rare["precision"], rare["recall"], rare["F1"]) == (None, 0.0, 0.0)
    assert (never["precision"], never["recall"]) == (0.0, None)
    picture = by_frequency({"unseen": COUNTS})
    assert "unseen pieces" in words(picture)
    assert len(tags(picture, "circle")) == 2 + 1
    with pytest.raises(SettingError, match="no symbol occurs"):
        by_frequency({"learnt": {name: [] for name in COUNTS}})


@pytest.mark.parametrize("text", ['{"classes": {"unseen": {"symbols": ["a"]}}}', "[]"])
def test_classes_that_are_damaged_are_a_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "charts.json").write_text(text)
    with pytest.raises(SettingError):
        classes_in(tmp_path)
    with pytest.raises(SettingError):
        dict(pictures_in(tmp_path))["classes"]()


@pytest.mark.parametrize("chart", [{}, [], None, {"drawn": {}}, {"points": [], "shares": ["x"]}, 3.0])
def test_whatever_a_chart_holds_its_picture_is_drawn_or_refused_in_a_line(
    chart: object, tmp_path: Path
) -> None:
    names = ("histograms", "original", "measures", "by_heart", "classes")
    (tmp_path / "charts.json").write_text(json.dumps(dict.fromkeys(names, chart)))
    (tmp_path / "outcome.json").write_text(
        json.dumps({"measures": {"at_0_isl": chart, "at_0_isl_silent": 1}})
    )
    for _, picture in pictures_in(tmp_path):
        with suppress(SettingError):
            assert tags(picture(), "svg")


def test_a_run_has_the_picture_of_its_learning(tmp_path: Path) -> None:
    folder = learnt_run(tmp_path, "mine")
    assert "held out" in dict(pictures_in(folder))["learning"]()
    (folder / "curves.jsonl").write_text("no curve\n")
    with pytest.raises(SettingError, match="damaged"):
        dict(pictures_in(folder))["learning"]()


def test_a_melody_is_drawn_over_its_model() -> None:
    picture = rebuilt_melody({"wanted": [(0, 1, 60), (1, 2, 62)], "rebuilt": [(0, 1, 60)]})
    thick = [line for line in tags(picture, "polyline") if float(line.attrib["stroke-width"]) > 2]
    assert len(thick) == 3
    with pytest.raises(SettingError, match="neither melody"):
        rebuilt_melody({"wanted": [], "rebuilt": []})


def test_keys_going_down_are_circles_and_keys_going_up_crosses() -> None:
    tokens = [Placed(0, 0, 40), Placed(1, 0, 80), Placed(1, 1, 60, is_off=True)]
    picture = map_of(tokens, "Embeddings")
    assert len(tags(picture, "circle")) == 2 + 3
    assert len(tags(picture, "path")) == 1
    assert re.search(re.escape(colour_of(60)), picture)
    assert len({colour_of(pitch) for pitch in (30, 50, 70, 90)}) == 4
    with pytest.raises(SettingError, match="no token has a pitch"):
        map_of([], "Embeddings")


def test_sampling_likelihood_stands_beside_what_silence_comes_to() -> None:
    measures = {"at_0_isl": -30.0, "at_0_isl_silent": -12.0, "at_50_isl": -9.0, "at_50_isl_silent": -12.5}
    assert has_stages(measures)
    picture = by_stage(measures | {"at_0_isl_sure": 0.9, "f1": 0.5})
    lines = [line.get("points", "").split() for line in tags(picture, "polyline")][-2:]
    assert [len(line) for line in lines] == [2, 2]
    assert {"samples", "silence"} <= set(words(picture))


def test_without_stages_there_is_no_sampling_likelihood() -> None:
    assert not has_stages({"f1": 0.5, "isl": -1.0})
    with pytest.raises(SettingError, match="stages"):
        by_stage({"f1": 0.5})


def test_what_was_drawn_into_a_runs_folder_is_found_and_what_can_not_be_read_is_a_line(
    tmp_path: Path,
) -> None:
    assert list(drawn_into(tmp_path)) == []
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "embeddings.svg").write_text("<svg >")
    (tmp_path / "pictures" / "huge.svg").write_bytes(b" " * (5 << 20))
    found = dict(drawn_into(tmp_path))
    assert found["embeddings"]() == "<svg >"
    with pytest.raises(SettingError, match="more than 4 MiB"):
        found["huge"]()
    (tmp_path / "pictures" / "none.svg").write_text("/etc/passwd")
    with pytest.raises(SettingError, match="no picture"):
        dict(drawn_into(tmp_path))["none"]()
