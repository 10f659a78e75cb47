"""The agreement of difficulties: ranks, what is counted, and a list or a piece that can't be read."""

import argparse
from dataclasses import asdict
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks.repertoire.difficulty_agreement import (
    LIST,
    Judged,
    _by_set,
    _confusion,
    _fitted,
    _judged,
    _same_level,
    add_arguments,
    rank_correlation,
    run,
)
from music.midi.files import write_midi
from pieces.difficulty import WEIGHTS, difficulty
from pieces.transforms import stretched
from tests.support.phrases import improvised


def _asked(folder: Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(["--music", str(folder)])


def _listed(folder: Path, pieces: int) -> None:
    """Improvisations at different speeds, listed with the scores that we give them ourselves."""
    rows = ["set,path,score,level,seconds,notes"]
    for seed in range(pieces):
        phrase = stretched(improvised(seed, notes=60), 0.3 + seed * 0.15)
        write_midi(phrase, folder / f"{seed}.mid")
        found = difficulty(phrase)
        rows.append(f"{'ab'[seed % 2]},{seed}.mid,{found.score},{found.level},{phrase.until},60")
    (folder / LIST).write_text("\n".join(rows) + "\n", encoding="utf-8")


def test_ranks_do_not_care_by_how_much() -> None:
    assert rank_correlation([1, 2, 3, 4], [1, 10, 100, 1000]) == pytest.approx(1.0)
    assert rank_correlation([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1.0)


def test_equal_values_share_their_rank() -> None:
    # ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4: covariance 4.5 over the root of 4.5 x 5
    assert rank_correlation([1, 5, 5, 9], [1, 2, 3, 4]) == pytest.approx(4.5 / (4.5 * 5) ** 0.5)


def test_what_does_not_vary_agrees_with_nothing() -> None:
    assert rank_correlation([1, 1, 1], [1, 2, 3]) == 0.0


def test_our_own_scores_agree_with_themselves(tmp_path: Path) -> None:
    _listed(tmp_path, 12)
    figures = run(_asked(tmp_path))
    assert (figures["pieces"], figures["unread"]) == (12, 0)
    assert figures["rank_correlation"]["all"] > 0.99
    assert set(figures["rank_correlation"]) == {"all", "a", "b"}
    assert figures["further_than_one_level_percent"] == 0


def test_a_piece_that_cannot_be_read_is_named_and_left_out(tmp_path: Path) -> None:
    _listed(tmp_path, 12)
    (tmp_path / "3.mid").write_bytes(b"not music")
    (tmp_path / "4.mid").unlink()
    figures = run(_asked(tmp_path))
    assert (figures["pieces"], figures["unread"]) == (10, 2)
    assert [reason.split(":")[0] for reason in figures["unread_because"]] == ["3.mid", "4.mid"]


def test_a_folder_without_the_list_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no difficulty\.csv in .*give --music the folder"):
        run(_asked(tmp_path))


def judged(path: str, level: int, ours: int, score: float = 1.0, our_score: float = 1.0) -> Judged:
    return Judged("a", path, score, level, SimpleNamespace(level=ours, score=our_score))


def test_a_piece_is_held_out_by_its_path_alone() -> None:
    pieces = [judged(f"{number}.mid", 1, 1) for number in range(200)]
    held_out = [piece.path for piece in pieces if piece.is_held_out]
    assert held_out == [piece.path for piece in pieces if judged(piece.path, 4, 2, 9.0).is_held_out]
    assert 70 < len(held_out) < 130


def test_levels_are_set_against_each_other_in_rows_of_theirs() -> None:
    pieces = [judged("a", 1, 1), judged("b", 1, 2), judged("c", 4, 2), judged("d", 4, 4), judged("e", 4, 4)]
    rows = {name: list(map(int, row.split())) for name, row in _confusion(pieces).items()}
    assert rows == {
        "level 1": [1, 1, 0, 0],
        "level 2": [0, 0, 0, 0],
        "level 3": [0, 0, 0, 0],
        "level 4": [0, 1, 0, 2],
    }
    assert _same_level(pieces) == pytest.approx(60.0)


def test_agreement_is_counted_in_each_set_and_in_all() -> None:
    scores = {"a": ([1, 2, 3], [1, 2, 3]), "b": ([1, 2, 3], [6, 5, 4])}
    pieces = [
        Judged(name, f"{name}{number}", theirs, 1, SimpleNamespace(score=ours))
        for name, (their_scores, our_scores) in scores.items()
        for number, (theirs, ours) in enumerate(zip(their_scores, our_scores, strict=True))
    ]
    found = _by_set(pieces)
    assert found["a"] == pytest.approx(1.0)
    assert found["b"] == pytest.approx(-1.0)
    assert -1 < found["all"] < 1


def test_the_fit_finds_the_weights_that_made_the_scores(tmp_path: Path) -> None:
    _listed(tmp_path, 24)
    pieces, unread = _judged(tmp_path)
    assert unread == []
    found = _fitted(pieces)
    assert set(found) == {*asdict(WEIGHTS), "starting_from"}
    features = [[*asdict(piece.ours.features).values(), 1.0] for piece in pieces]
    scores = [sum(w * x for w, x in zip(found.values(), row, strict=True)) for row in features]
    assert rank_correlation(scores, [piece.ours.score for piece in pieces]) > 0.9


def test_where_no_piece_can_be_read_there_is_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / LIST).write_text("set,path,score,level\na,gone.mid,1,1\n", encoding="utf-8")
    with pytest.raises(FileNotFoundError, match=r"none of the pieces in .* could be read"):
        run(_asked(tmp_path))
