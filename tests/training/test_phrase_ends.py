"""What tells the end of a phrase is learnt from pieces, and written as numbers that the performer reads."""

from pathlib import Path

import numpy as np
import pytest
import torch

from evaluation.phrase_ends.curve import REFERENCE_S
from music.phrase_ends import certainty
from music.phrase_ends import learnt as shipped
from music.phrase_ends.cues import CUES
from tests.support.corpora import phrased_corpus
from training.phrase_ends import _NEVER_S, Silences, enough, learnt, main, network_of

PLACE = list(CUES).index("held")


def silences(count: int = 4000) -> Silences:
    """Long notes end phrases, and short ones are followed soon by the next."""
    chance = np.random.default_rng(1)
    is_end = chance.random(count) < 0.3
    found = chance.normal(size=(count, len(CUES)))
    found[:, PLACE] += 4.0 * is_end
    return Silences(found, np.where(is_end, _NEVER_S, chance.uniform(0.05, 1.1, count)))


def test_what_tells_is_learnt() -> None:
    seen = silences()
    model = learnt(seen, epochs=40)
    after_a_second, _ = model(torch.tensor(seen.cues, dtype=torch.float32))
    ends = torch.tensor(seen.is_end)
    assert after_a_second[ends].mean() > after_a_second[~ends].mean() + 1


def test_the_odds_that_are_enough_let_in_as_much_in_vain_as_the_fixed_silence() -> None:
    seen = silences()
    model = learnt(seen, epochs=40)
    odds = enough(model, seen)
    with torch.no_grad():
        after_a_second, growth = (
            one.double().numpy() for one in model(torch.tensor(seen.cues, dtype=torch.float32))
        )
    waits_s = np.exp((odds - after_a_second) / growth).clip(certainty.SHORTEST_S, certainty.LONGEST_S)
    assert seen.in_vain(waits_s) <= seen.in_vain(REFERENCE_S)
    assert waits_s[seen.is_end].mean() < REFERENCE_S


@pytest.mark.slow
def test_the_numbers_written_say_what_the_network_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    phrased_corpus(tmp_path / "phrased.safetensors")
    main([str(tmp_path / "phrased.safetensors"), "--out", str(tmp_path / "learnt.py")])
    assert "numbers" in capsys.readouterr().out
    numbers: dict[str, tuple[tuple[float, ...], ...]] = {}
    exec((tmp_path / "learnt.py").read_text(), numbers)
    model = network_of(numbers)
    for name in ("CENTRES", "SPREADS", "HIDDEN", "OUT"):
        monkeypatch.setattr(certainty, name, numbers[name])
    for found in silences(5).cues.tolist():
        with torch.no_grad():
            after_a_second, growth = model(torch.tensor(found))
        read = certainty.certainty_of(found)
        assert read.after_a_second == pytest.approx(float(after_a_second), abs=1e-3)
        assert read.growth == pytest.approx(float(growth), abs=1e-3)


def test_with_the_odds_alone_the_network_stays_as_it_is(tmp_path: Path) -> None:
    phrased_corpus(tmp_path / "phrased.safetensors")
    main([str(tmp_path / "phrased.safetensors"), "--odds-alone", "--out", str(tmp_path / "learnt.py")])
    numbers: dict[str, object] = {}
    exec((tmp_path / "learnt.py").read_text(), numbers)
    assert all(numbers[name] == getattr(shipped, name) for name in ("CENTRES", "SPREADS", "HIDDEN", "OUT"))
    assert numbers["ENOUGH"] != shipped.ENOUGH
