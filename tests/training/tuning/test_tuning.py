"""A run that learns on from a file: what it begins with, its licence, how near it stays to what it was."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import training.tuning.tuning as tuning
from music.settings import SettingError
from pieces.corpus import Corpus
from realtime.inference.bundle import PORTRAIT, Bundle, StateShape, read_bundle
from tests.support.recipes import ALONE
from tests.support.takes import take_folder
from training.learning.learner import Learner
from training.models.event_model import EventModelSettings
from training.opened_run import OpenedRun, opened
from training.run import Places
from training.tuning.takes import takes_in
from training.tuning.tuning import (
    MOST_FORGOTTEN,
    begin_tuning,
    file_to_learn_on,
    model_of_file,
    recipe_for,
    tuned,
    write_old,
    write_takes,
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("exported")]
QUICK = {"learning.steps": 2, "data.feed.lanes": 2, "data.feed.window": 16}


@pytest.fixture
def bundle(small_files: Path) -> Bundle:
    return file_to_learn_on(small_files / "small-fp32.onnx")


def begun(bundle: Bundle, folder: Path) -> tuple[Learner, Places]:
    recipe = recipe_for(bundle, "mine", QUICK)
    places = Places(folder / "runs", folder / "corpora")
    takes = write_takes(takes_in(take_folder(folder / "takes")), "mine-takes", places.data)
    write_old(takes, [], bundle, recipe, places.data / "mine-old.safetensors", ALONE.device)
    return begin_tuning(recipe, "mine", places, ALONE), places


def shaken(run: OpenedRun, by: float) -> None:
    """As if it had learnt something that has nothing to do with music."""
    model = model_of_file(run.recipe, ALONE.device)
    torch.manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(by * torch.randn_like(weight))
    run.folder.save_model(model)


def test_the_recipe_has_the_models_sizes_and_what_is_changed(bundle: Bundle) -> None:
    recipe = recipe_for(bundle, "mine", {"learning.rate": "1e-5"})
    assert isinstance(recipe.model, EventModelSettings)
    assert (recipe.model.trunk.layers, recipe.model.trunk.width, recipe.model.head) == (2, 32, 16)  # type: ignore[union-attr]
    assert not recipe.model.listens
    assert recipe.data.corpora == ("mine-takes", "mine-old")
    assert recipe.data.transforms == ()
    assert recipe.learning.rate == 1e-5
    assert Path(recipe.begin_from).is_absolute()


def test_a_file_that_listens_makes_a_model_that_listens(bundle: Bundle) -> None:
    states = (*bundle.header.states, StateShape(PORTRAIT, (-1, 4)))
    recipe = recipe_for(replace(bundle, header=replace(bundle.header, states=states)), "mine", {})
    assert isinstance(recipe.model, EventModelSettings)
    assert recipe.model.listens
    assert recipe.data.transforms == ({"name": "beat-time"},)


def test_a_file_in_eight_bits_is_refused_and_its_sister_named(small_files: Path, tmp_path: Path) -> None:
    with pytest.raises(
        SettingError, match=r"eight bits, which can't be learnt on from; say --from \S+small-fp16.onnx"
    ):
        file_to_learn_on(small_files / "small-int8.onnx")
    alone = tmp_path / "alone.onnx"
    alone.write_bytes((small_files / "small-int8.onnx").read_bytes())
    with pytest.raises(SettingError, match="antiphon export-onnx RUN --precision fp16"):
        file_to_learn_on(alone)


def test_it_begins_as_the_file_is_bound_by_its_licence_and_the_takes(bundle: Bundle, tmp_path: Path) -> None:
    research = replace(bundle.header.data[0], name="theirs", tier="research-nc", hash="77")
    learner, places = begun(bundle, tmp_path)
    assert learner.best < float("inf")
    (row,) = learner.folder.curves()
    assert (row["step"], row["kind"], row["loss"]) == (0, "validation", learner.best)
    record = learner.folder.record
    assert record["tier"] == "own"
    assert [corpus["name"] for corpus in record["data"]] == ["mine-takes", "mine-old"]
    assert [corpus["name"] for corpus in record["began_with"]] == [data.name for data in bundle.header.data]
    about = tuning._about_drawn(
        "x", replace(bundle, header=replace(bundle.header, data=(research,), tier="research-nc"))
    )
    assert about.tier == "research-nc"
    splits = {record.split for record in Corpus(places.data / "mine-old.safetensors").description.pieces}
    assert splits == {"train", "test"}


def test_what_learnt_little_is_kept_and_what_forgot_much_is_drawn_back(
    bundle: Bundle, tmp_path: Path
) -> None:
    _, places = begun(bundle, tmp_path)
    run = opened(places.runs / "mine")
    same = tuned(run, places.data, ALONE.device)
    assert same.share == 1.0
    assert same.takes.before == same.takes.after
    assert not same.is_better
    shaken(run, 0.05)
    once = tuned(run, places.data, ALONE.device)
    assert 0 < once.share < 1
    assert once.old.worse <= MOST_FORGOTTEN
    assert tuned(run, places.data, ALONE.device).share == 1.0  # what was kept is what was measured
    shaken(run, 30.0)
    hopeless = tuned(run, places.data, ALONE.device)
    assert hopeless.share == 0
    assert hopeless.old.worse == hopeless.takes.worse == 0
    assert json.loads(json.dumps(hopeless.record()))["share"] == 0


def test_old_music_may_be_of_other_corpora_whose_tier_is_kept(bundle: Bundle, tmp_path: Path) -> None:
    _, places = begun(bundle, tmp_path)
    mixed = Corpus(places.data / "mine-takes.safetensors")  # as if it were a corpus of old music
    recipe = recipe_for(bundle, "other", QUICK)
    out = places.data / "other-old.safetensors"
    made = write_old(mixed.description, [mixed], bundle, recipe, out, ALONE.device)
    assert (made.name, made.tier, made.licence) == ("other-old", "own", "the player's own")
    assert read_bundle(Path(recipe.begin_from)).fingerprint == bundle.fingerprint
