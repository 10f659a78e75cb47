"""Reports as pages see them: scores, spreads and answers out of the JSON; heads without the rest."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dashboard.reports import NOTE_FIELDS, JudgedReport, Written, load_head, load_report
from music.notes import Note, Pedal
from music.phrase import Phrase
from music.settings import SettingError

Record = dict[str, Any]


@pytest.fixture
def load(tmp_path: Path, report_text: str) -> Callable[..., JudgedReport]:
    """Reads the report after a change to its record."""

    def loaded(change: Callable[[Record], object] = lambda record: None) -> JudgedReport:
        record = json.loads(report_text)
        change(record)
        path = tmp_path / "report.json"
        path.write_text(json.dumps(record))
        return load_report(path)

    return loaded


@pytest.mark.parametrize("rows", [None, "notes", {}, 5, [[0, 60, 80]], [[0, 60, 80, -1]], [[0, 60, None, 1]]])
def test_notes_that_are_none_are_refused(rows: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        Written.of(rows)  # type: ignore[arg-type]


def test_notes_are_as_they_were_written_with_their_pedals() -> None:
    written = Written.of([[1, 64, 70, 0.5], [0.5, 60, 80, 0.25]], [[0.1, True]])
    assert written.phrase == Phrase.of([Note(0.5, 60, 80, 0.25), Note(1.0, 64, 70, 0.5)], [Pedal(0.1, True)])
    assert Written.of([]).phrase == Phrase()


def test_a_score_is_put_together_of_its_fields(load: Callable[..., JudgedReport]) -> None:
    for score in load().scores:
        assert sum(nats for _, nats in score.parts) == pytest.approx(score.nats)
        assert score.error >= 0
    assert [name for name, _ in load().scores[0].parts] == ["gap", "key", "velocity"]


def test_a_score_is_found_by_its_name(load: Callable[..., JudgedReport]) -> None:
    found = load().score("chance")
    assert found is not None
    assert found.name == "chance"
    assert load().score("another") is None


def test_what_baselines_leave_out_is_no_score(load: Callable[..., JudgedReport]) -> None:
    def without_bigram(record: Record) -> None:
        del record["sections"]["baselines"]["bigram"]
        record["sections"]["baselines"]["left_out"] = {"bigram": "nothing to count"}

    report = load(without_bigram)
    assert report.score("bigram") is None
    assert report.left_out == (("bigram", "nothing to count"),)


def test_spreads_have_a_count_for_each_symbol_and_no_overlap_among_them(
    load: Callable[..., JudgedReport],
) -> None:
    report = load()
    assert "overlap" not in report.spreads
    for spreads in report.spreads.values():
        assert tuple(spreads) == NOTE_FIELDS
        for spread in spreads.values():
            assert len(spread.symbols) == len(spread.counts)
    assert set(report.overlap["model"]) == set(NOTE_FIELDS)


def test_an_overlap_with_nothing_is_none(load: Callable[..., JudgedReport]) -> None:
    def emptied(record: Record) -> None:
        record["sections"]["distributions"]["overlap"]["model"]["gap"] = None

    assert load(emptied).overlap["model"]["gap"] is None


def test_our_own_calls_come_whole_and_others_by_their_place(load: Callable[..., JudgedReport]) -> None:
    report = load()
    assert all(one.call is not None and one.piece == "" for one in report.own)
    assert all(one.call is None and one.piece for one in report.held_out)
    first = report.held_out[0]
    minutes, seconds = divmod(round(first.from_s), 60)
    assert first.name == f"1. {Path(first.piece).stem} at {minutes}:{seconds:02}"
    assert first.about.startswith(first.piece)
    assert len({one.name for one in (*report.own, *report.held_out)}) == len(report.own) + len(
        report.held_out
    )


def test_an_answer_without_notes_has_no_figures(load: Callable[..., JudgedReport]) -> None:
    def silenced(record: Record) -> None:
        record["sections"]["own_calls"][0] |= {"answer": [], "model": None}

    silent, heard, *_ = load(silenced).own
    assert silent.figures == ()
    assert silent.figure("in_key") is None
    assert silent.answer.notes == ()
    assert heard.figure("in_key") is not None


@pytest.mark.parametrize("half", ["in_key", "in_key_error", "register", "register_off_by"])
def test_half_a_measure_is_refused_and_named(load: Callable[..., JudgedReport], half: str) -> None:
    def halved(record: Record) -> None:
        del record["sections"]["answers"]["continuation"][half]

    name = half.removesuffix("_error").removesuffix("_off_by")
    with pytest.raises(SettingError, match=f"only half of {name}"):
        load(halved)


def test_figures_that_no_measure_of_today_has_are_read_and_kept(load: Callable[..., JudgedReport]) -> None:
    def with_another(record: Record) -> None:
        record["sections"]["answers"]["model"]["swing"] = 0.66

    assert load(with_another).agreement["model"]["swing"] == 0.66


@pytest.mark.parametrize(
    ("section", "change"),
    [
        (
            "scores",
            lambda record: record["sections"]["likelihood"]["reset"].update(standard_error=float("inf")),
        ),
        ("counts", lambda record: record["sections"]["distributions"]["music"]["pitch"]["counts"].pop()),
        ("tier", lambda record: record["model"].update(tier=3)),
        ("credit", lambda record: record["model"]["learnt_from"][0].pop("credit")),
        ("pedal", lambda record: record["sections"]["own_calls"][0].update(pedal=[[0.0]])),
    ],
)
def test_what_pages_would_stumble_over_is_refused_as_it_is_read(
    load: Callable[..., JudgedReport], section: str, change: Callable[[Record], object]
) -> None:
    with pytest.raises(SettingError, match="judge the model again"):
        load(change)


def test_the_head_is_that_of_the_whole_report(load: Callable[..., JudgedReport]) -> None:
    report = load()
    assert load_head(report.path) == report.head
    assert report.head.title == "a model on tiny, train"


def test_a_head_is_read_without_the_findings_behind_it(tmp_path: Path, report_text: str) -> None:
    path = tmp_path / "cut.json"
    begin, sections, _ = report_text.partition('"sections": {')
    path.write_text(f"{begin}{sections} what follows is damaged")
    assert load_head(path).title == "a model on tiny, train"
    with pytest.raises(SettingError, match="not a report"):
        load_report(path)


def test_a_head_is_found_however_a_report_is_laid_out(tmp_path: Path, report_text: str) -> None:
    path = tmp_path / "compact.json"
    path.write_text(json.dumps(json.loads(report_text), separators=(",", ":")))
    assert load_head(path).title == "a model on tiny, train"


@pytest.mark.parametrize("text", ["", "[1]", "{", "7", "\x00"])
def test_what_is_no_report_has_no_head(tmp_path: Path, text: str) -> None:
    path = tmp_path / "another.json"
    path.write_text(text)
    with pytest.raises(SettingError, match="judge the model again"):
        load_head(path)
