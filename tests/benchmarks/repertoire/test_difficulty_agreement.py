"""The agreement of difficulties: ranks, what is counted, and a list or a piece that can't be read."""

import argparse
from pathlib import Path

import pytest

from benchmarks.repertoire.difficulty_agreement import LIST, add_arguments, rank_correlation, run
from music.midi.files import write_midi
from pieces.difficulty import difficulty
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
