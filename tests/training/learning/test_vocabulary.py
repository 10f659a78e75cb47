"""What an open vocabulary knows is what is learnt: no symbol of a piece that is left out, and so the share of
the unknown is the share that was never seen in learning."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from music.encodings.chord import ChordEncoding
from music.tokens.encoding import Encoding
from pieces.corpus import Corpus
from pieces.token_pieces import encode_pieces, fitted
from tests.support.recipes import ALONE, LANES, home_in, learnt, small_recipe_of
from training import run as runs
from training.experiments.finished import Finished
from training.experiments.measures import measured
from training.feeds.chosen import over_composers
from training.learning.train import learn
from training.learning.vocabulary import encoding_for
from training.opened_run import opened, trained
from training.recipes.recipe import DataSettings, Recipe
from training.run import Places, begin_run, resume_run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return home_in(tmp_path_factory.mktemp("home"))


def chords(changes: Mapping[str, Any]) -> Recipe:
    return small_recipe_of("symbol", {"data.encoding": "chord", "data.feed": LANES} | dict(changes))


def learnt_by(home: Places, **asked: Any) -> Encoding:
    return encoding_for(DataSettings(("tiny",), "chord", **asked), corpora(home))


def corpora(home: Places) -> list[Corpus]:
    return [Corpus(home.data / "tiny.safetensors")]


def symbols_of_pieces(home: Places) -> list[list[str]]:
    """Of each piece for train, in the order of files."""
    return [list(ChordEncoding().symbols_in(phrase)) for _, phrase in corpora(home)[0].phrases("train")]


def known(encoding: Encoding) -> set[str]:
    return set(encoding.symbols_learnt or ())


def test_the_symbols_are_those_of_the_pieces_that_are_picked(home: Places) -> None:
    of_all = fitted(ChordEncoding(), corpora(home))
    first, second, *_ = over_composers(encode_pieces(corpora(home), of_all, "train"))
    pieces = symbols_of_pieces(home)
    wanted = {*pieces[first], *pieces[second]}
    assert known(learnt_by(home, pick="over-composers", most_pieces=2)) == wanted
    assert wanted < known(of_all) == known(learnt_by(home))


def test_of_a_piece_that_is_cut_off_the_symbols_beyond_are_not_known(home: Places) -> None:
    first, second, *_ = symbols_of_pieces(home)
    rows = len(first) + 3
    assert known(learnt_by(home, most_rows=rows)) == {*first, *second[:3]}
    assert known(learnt_by(home, skip_pieces=1, most_pieces=1)) == set(second)


def test_the_most_frequent_stand_first_and_the_others_are_unknown(home: Places) -> None:
    first, *_ = symbols_of_pieces(home)
    few = learnt_by(home, most_pieces=1, most_symbols=3).symbols_learnt or ()
    every = learnt_by(home, most_pieces=1).symbols_learnt or ()
    assert few == every[:3]
    counts = [first.count(symbol) for symbol in every]
    assert counts == sorted(counts, reverse=True)


def test_the_share_of_the_unknown_is_what_was_never_seen_in_learning(home: Places) -> None:
    recipe = chords({"data.most_pieces": 2, "log.validation_rows": 0})
    learner = learnt(home, "two", recipe)
    made = trained(learner.folder, ALONE.device)
    found = measured(Finished(made, learner.pieces, corpora(home), learner.steps)).values["test_unknown"]
    first, second, *_ = symbols_of_pieces(home)
    unseen = [s for _, phrase in corpora(home)[0].phrases("test") for s in ChordEncoding().symbols_in(phrase)]
    assert found == pytest.approx(np.mean([symbol not in {*first, *second} for symbol in unseen]))
    assert found > 0


def test_a_run_that_began_with_all_symbols_keeps_them(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = chords({"data.most_pieces": 2})

    def of_all(data: DataSettings, music: list[Corpus]) -> Encoding:
        return fitted(data.unfitted(), music, data.transform)

    with monkeypatch.context() as before:
        before.setattr(runs, "encoding_for", of_all)
        learn(begin_run(recipe, "of-old", home, ALONE), lambda line: None, until=4)
    learner = resume_run("of-old", home, ALONE)
    assert known(learner.encoding) == known(fitted(ChordEncoding(), corpora(home)))
    learn(learner, lambda line: None)
    assert opened(home.runs / "of-old").encoding == learner.encoding
    assert len(known(learner.encoding)) > len(known(encoding_for(recipe.data, corpora(home))))
