"""How like the corpus' music drawn pieces are: every family has the figures, or a reason why not."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.recipes import ALONE, home_in, learnt, small_recipe_of
from training.experiments import finished, likeness, stages
from training.experiments.finished import Finished
from training.experiments.measures import measured
from training.experiments.outcome import write_outcome
from training.learning.learner import Learner
from training.opened_run import trained
from training.run import Places

QUICK = {"log.pieces": 6, "learning.steps": 6, "log.validate_every": 6}


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces that are drawn in no time."""
    monkeypatch.setattr(finished, "ROWS", 60)
    monkeypatch.setattr(likeness, "PROMPT", 12)
    monkeypatch.setattr(stages, "_LONGEST", 50)
    monkeypatch.setattr(stages, "MOST_SAMPLES", 200)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return home_in(tmp_path_factory.mktemp("home"))


def run_of(home: Places, name: str, kind: str, changes: dict[str, Any]) -> Learner:
    return learnt(home, name, small_recipe_of(kind, QUICK | changes))


def done(learner: Learner, home: Places) -> Finished:
    made = trained(learner.folder, ALONE.device)
    return Finished(made, learner.pieces, home.corpora(learner.recipe), learner.steps)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["event", "note", "symbol", "step", "roll", "biaxial"])
def test_every_family_is_compared_with_the_corpus_as_people_are(home: Places, kind: str) -> None:
    run = done(run_of(home, f"like-{kind}", kind, {"log.measures": ["likeness"]}), home)
    found = measured(run)
    named = found.values.keys() | found.undefined.keys()
    for figure in ("distance", "pitch_distance", "entropy", "groove", "self_similarity"):
        assert {figure, f"real_{figure}"} <= named
    assert {"overlapping_area", "real_overlapping_area", "kld", "real_kld", "quoted", "real_quoted"} <= named
    assert 0 < found.values["real_distance"] < 0.7
    assert found.values["real_distance"] < found.values["distance"]  # it learnt for six steps
    low, high = found.ranges["distance"]
    assert low <= high
    assert set(found.charts["histograms"]) == {"drawn", "corpus"}
    assert ("velocity_distance" in found.undefined) == (kind in ("symbol", "step", "roll", "biaxial"))


@pytest.mark.slow
def test_beginnings_of_longer_pieces_lie_apart_from_the_whole(home: Places) -> None:
    changes = {"log.measures": ["original"], "data.most_pieces": 1}
    found = measured(done(run_of(home, "beginnings", "roll", changes), home))
    assert found.values["real_learnt_distance"] > 0


@pytest.mark.slow
def test_prompted_and_unprompted_stand_in_one_table(home: Places) -> None:
    run = done(run_of(home, "prompted", "note", {"log.measures": ["prompted"]}), home)
    found = measured(run).values
    assert {"prompted_distance", "unprompted_distance", "prompted_entropy", "unprompted_entropy"} <= set(
        found
    )
    assert found["prompted_distance"] != found["unprompted_distance"]
    assert found["prompts"] >= 1


@pytest.mark.slow
def test_what_follows_learnt_music_is_judged_beside_what_really_follows(home: Places) -> None:
    changes = {"log.measures": ["after-learnt"], "log.pieces": 6}
    run = done(run_of(home, "after-learnt", "note", changes), home)
    found = measured(run)
    assert found.values["after_learnt_distance"] != found.values["after_learnt_real_distance"]
    assert found.values["after_learnt_real_quoted"] > found.values["after_learnt_quoted"]  # a learnt piece
    assert set(found.charts["after_learnt"]) == {"drawn", "corpus"}


@pytest.mark.slow
def test_pieces_too_short_to_be_gone_on_from_leave_the_measure_undefined(home: Places) -> None:
    changes = {
        "log.measures": ["after-learnt"],
        "data.transforms": [{"name": "beginning", "seconds": 0.5}],
    }
    run = done(run_of(home, "after-short", "note", changes), home)
    assert "learn longer pieces" in measured(run).undefined["after-learnt"]


@pytest.mark.slow
def test_temperatures_are_tried_and_the_nearest_named(home: Places) -> None:
    changes = {"data.encoding": "character", "data.feed": {"kind": "lanes", "lanes": 2, "window": 20}}
    run = done(run_of(home, "temperatures", "symbol", changes | {"log.measures": ["temperatures"]}), home)
    found = measured(run).values
    distances = {t: found[f"t{t:g}_distance"] for t in likeness.TEMPERATURES if f"t{t:g}_distance" in found}
    assert found["best_temperature"] == min(distances, key=lambda t: distances[t])
    of_notes = measured(done(run_of(home, "no-symbols", "note", {"log.measures": ["temperatures"]}), home))
    assert "kind symbol and step alone" in of_notes.undefined["temperatures"]


@pytest.mark.slow
def test_a_cold_model_of_steps_repeats_a_pitch_and_a_hot_one_none(home: Places) -> None:
    run = done(run_of(home, "step-temperatures", "step", {"log.measures": ["temperatures"]}), home)
    found = measured(run)
    assert found.values["t0.1_commonest"] > found.values["t10_commonest"] > 0
    low, high = found.ranges["t0.1_commonest"]
    assert low <= found.values["t0.1_commonest"] <= high
    assert 0 < found.values["real_commonest"] < 1
    assert found.values["t10_learnt_pitch_distance"] > 0


@pytest.mark.slow
def test_stages_have_likelihoods_of_samples_and_places_on_a_plane(home: Places) -> None:
    changes = {"log.measures": ["stages"], "log.snapshots": [0.5, 1.0]}
    learner = run_of(home, "stages", "roll", changes)
    run = done(learner, home)
    found = measured(run)
    for stage in ("at_0", "at_50", "at_100"):
        assert found.values[f"{stage}_isl"] < 0
        assert found.values[f"{stage}_isl_samples"] == 200
        assert 0 <= found.values[f"{stage}_sounding"] <= 1
        assert f"{stage}_apart" in found.values.keys() | found.undefined.keys()
        # a piece without every measure lies nowhere, and how many lie somewhere is said
        assert (f"{stage}_apart" in found.values) == (found.values[f"{stage}_apart_pieces"] > 0)
    assert found.values["real_apart"] > 0  # unseen pieces aren't those that the plane is of
    low, high = found.ranges["real_apart"]
    assert 0 < low < high
    # before it learnt, half of all keys sound: as far from music as can be
    assert found.values["at_0_sounding"] > found.values["at_100_sounding"]
    outcome = write_outcome(learner, home)
    assert outcome["measures"]["at_50_isl"] == found.values["at_50_isl"]
    assert (learner.folder.path / "charts.json").is_file()


@pytest.mark.slow
def test_what_is_no_roll_has_no_sampling_likelihood(home: Places) -> None:
    run = done(run_of(home, "no-roll", "note", {"log.measures": ["stages"], "log.snapshots": [1.0]}), home)
    assert measured(run).undefined["at_100_isl"] == "note writes no steps of 88 keys"


@pytest.mark.slow
def test_moved_music_is_as_hard_to_a_network_of_all_keys_alike(home: Places) -> None:
    run = done(run_of(home, "moved", "biaxial", {"log.measures": ["test", "transposed"]}), home)
    found = measured(run).values
    moved = [found[f"moved_{semitones:+}"] for semitones in (*range(-6, 0), *range(1, 7))]
    assert found["moved"] == pytest.approx(sum(moved) / 12)
    assert len(set(moved)) > 1


def test_an_outcome_names_what_is_not_defined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = home_in(tmp_path)
    changes = {"log.measures": ["by-heart"], "data.most_rows": 15, "data.feed": {"kind": "lanes", "lanes": 1}}
    learner = run_of(home, "short", "note", changes)
    outcome = write_outcome(learner, home)
    assert outcome["measures"] == {}
    assert "20 are given" in outcome["not_defined"]["chamfer"]
