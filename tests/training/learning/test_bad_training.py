"""What can't be learnt from or gone on with is refused in a line that says what to do,
and nothing that was written is lost; a stranger's file runs no code."""

import errno
import json
import os
import pickle
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import pytest
import safetensors.torch
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from antiphon import main
from music.settings import SettingError
from pieces.corpus import Corpus, prepare
from pieces.music_sets import music_set, split_by_chance
from tests.support.corpora import music_folder
from tests.support.recipes import ALONE, check_same_run, curves, home_in, learnt, saved, small_recipe_of
from training.learning import checkpoint
from training.learning.checkpoint import RunFolder
from training.learning.learner import Learner
from training.learning.train import StoppedLearning, learn
from training.opened_run import trained
from training.run import Places, begin_run, resume_run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Places:
    return home_in(tmp_path_factory.mktemp("home"))


def refused(home: Places, run: str, kind: str = "event", changes: Mapping[str, Any] | None = None) -> str:
    """Why a run can't be begun; nothing of it is written."""
    with pytest.raises(SettingError) as why:
        begin_run(small_recipe_of(kind, changes), run, home, ALONE)
    assert not (home.runs / run).exists()
    assert "\n" not in str(why.value)
    return str(why.value)


def train(home: Places, *words: str) -> int:
    """`antiphon train WORDS...`"""
    return main(["train", *words, "--runs", str(home.runs), "--corpora", str(home.data), "--device", "cpu"])


def to_nobody(line: str) -> None:
    del line


# --- names ---


@pytest.mark.parametrize("name", ["n" * 201, "é" * 101, "two\nlines", " ", "no\udcffletter"])
def test_a_name_that_files_can_t_be_called_by_is_refused_before_anything_is_learnt(
    home: Places, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(home, "tiny", "--run", name) == 2
    said = capsys.readouterr().err
    assert "is no name for a run" in said
    assert said.count("\n") == 1


def test_a_run_that_ended_before_its_first_checkpoint_is_not_offered_to_be_gone_on_with(
    home: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    (home.runs / "cut").mkdir(parents=True)
    (home.runs / "cut" / "run.json").write_text("{}")
    assert train(home, "tiny", "--run", "cut") == 2
    said = capsys.readouterr().err
    assert "ended before its first checkpoint; delete its folder or say another --run" in said
    assert "--resume" not in said


def test_a_run_in_a_folder_of_runs_says_how_it_is_gone_on_with(
    home: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = next(home.data.glob("*.safetensors")).stem
    words = ["--set", f"data.corpora={corpus}", "--set", "learning.steps=4", "--until", "2"]
    assert train(home, "tiny", "--run", "my runs/first one", *words) == 0
    assert capsys.readouterr().out.endswith("go on: antiphon train --resume 'my runs/first one'\n")
    assert train(home, "--resume", "my runs/first one") == 0


# --- recipes ---


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("learning.rat=1", "learning has no setting 'rat'; did you mean 'rate'?"),
        ("model.trunk.widht=8", "has no setting 'widht'; did you mean 'width'?"),
        ("model.kind=evnt", "no kind is called 'evnt'; did you mean 'event'?"),
        ("learning.optimiser.kind=adamax", "no kind is called 'adamax'; did you mean 'adam'?"),
        ("data.encoding=rol", "did you mean 'roll'?"),
        ("curiculum=1", "no setting 'curiculum'; did you mean 'curriculum'?"),
        ("log.measures=tst", "'tst' can't be chosen; did you mean 'test'?"),
        ("learning.passes=2", "either steps or passes"),
        ("data.feed.lanes=0", "lanes is 1 or more, not 0"),
        ("model.head=0", "head is 1 or more, not 0"),
        ("model.dropout=1", "dropout is from 0 to below 1, not 1.0"),
        ("learning.optimiser.beta1=1", "beta1 is from 0 to below 1, not 1.0"),
        ("learning.optimiser.weight_decay=-1", "weight_decay is 0 or more, not -1.0"),
        ("learning.schedule.warmup=-1", "warmup is 0 or more, not -1"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_closest_valid_one(
    home: Places, change: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(home, "tiny", "--run", "wrong", "--set", change) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.startswith("antiphon: ")
    assert said.count("\n") == 1
    assert not (home.runs / "wrong").exists()


def test_a_wrong_key_in_a_file_is_refused_with_the_closest_valid_one(
    home: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "mine.toml"
    recipe.write_text(
        'about = "a"\nrow = "r"\ntakes = "t"\n[data]\ncorpus = ["tiny"]\n[learning]\nsteps = 1\n'
    )
    assert train(home, str(recipe), "--run", "wrong") == 2
    assert "data has no setting 'corpus'; did you mean 'corpora'?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "encoding", "message"),
    [
        ("event", "roll", "event"),
        ("note", "event", "note"),
        ("step", "pair", "step"),
        ("roll", "event", "choose the encoding roll"),
        ("biaxial", "note", "choose the encoding roll"),
        ("rbm", "pair", "choose the encoding roll"),
        ("symbol", "event", "say data.encoding as one of"),
        ("symbol", "step", "say data.encoding as one of"),
    ],
)
def test_an_encoding_that_the_model_cannot_read_is_refused_with_one_that_it_can(
    home: Places, kind: str, encoding: str, message: str
) -> None:
    assert message in refused(home, "unread", kind, {"data.encoding": encoding})


def test_it_is_refused_before_the_music_is_encoded(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    refused(home, "unread", "roll", {"data.encoding": "event"})
    assert [path.name for path in home.data.iterdir()] == ["tiny.safetensors"]


# --- corpora ---


def corpus_of(home: Places, name: str, *pieces: str) -> None:
    """A corpus of the tiny one's notes, described as having these pieces alone, each named by its split."""
    tensors, description = load_file(home.data / "tiny.safetensors"), Corpus(home.data / "tiny.safetensors")
    record = asdict(description.description)
    record["pieces"] = [{**record["pieces"][place], "split": split} for place, split in enumerate(pieces)]
    for table in ("notes", "pedals", "tempos"):
        tensors[f"{table}_starts"] = tensors[f"{table}_starts"][: len(pieces) + 1]
    save_file(tensors, home.data / f"{name}.safetensors", {"antiphon": json.dumps(record)})


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        ((), "no piece is for train; of 0 pieces"),
        (("train",), "no piece is for validation; of 1 pieces"),
        (("validation",), "no piece is for train; of 1 pieces"),
    ],
)
def test_a_corpus_of_too_few_pieces_is_refused(home: Places, pieces: tuple[str, ...], message: str) -> None:
    corpus_of(home, "few", *pieces)
    said = refused(home, "few", changes={"data.corpora": ["few"]})
    assert message in said
    assert "prepare it with more music" in said


def test_a_corpus_without_test_pieces_is_refused_before_learning_unless_no_measure_needs_them(
    home: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus_of(home, "untested", "train", "validation")
    words = ["tiny", "--run", "untested", *small_words(**{"data.corpora": "untested"})]
    assert train(home, *words) == 2
    assert "no piece is for test" in capsys.readouterr().err
    assert not (home.runs / "untested").exists()
    assert train(home, *words, "--set", "log.measures=") == 0
    assert trained(RunFolder.existing(home.runs / "untested"), ALONE.device)


def small_words(**changes: str) -> list[str]:
    """A run of `tiny` made small."""
    small = {"model.trunk.width": "12", "data.feed.lanes": "2", "learning.steps": "2"} | changes
    return [word for name, value in small.items() for word in ("--set", f"{name}={value}")]


def test_pieces_too_short_to_learn_from_are_refused(home: Places) -> None:
    corpus_of(home, "two", "train", "validation")
    one_row = {"data.corpora": ["two"], "data.most_rows": 1, "data.first_given": True}
    assert "no piece has rows enough to learn from" in refused(home, "short", changes=one_row)
    assert "no piece has rows enough" in refused(home, "short", "symbol", one_row)


def test_a_folder_with_broken_files_is_learnt_from_without_them(tmp_path: Path) -> None:
    music = music_folder(tmp_path / "music")
    (music / "empty.mid").write_bytes(b"")
    (music / "noise.mid").write_bytes(b"\xff" * 200)
    whole = (music / "piece-00.mid").read_bytes()
    (music / "cut.mid").write_bytes(whole[: len(whole) // 2])
    home = Places(tmp_path / "runs", tmp_path / "corpora")
    corpus = prepare(music_set("tiny"), music, home.data / "tiny.safetensors", workers=1)
    assert {file.file for file in corpus.left_out} >= {"empty.mid", "noise.mid"}
    learner = learnt(home, "run", small_recipe_of("event", {"learning.steps": 2}))
    assert learner.step == 2


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda whole: b"",
    "cut": lambda whole: whole[:-5],
    "half": lambda whole: whole[: len(whole) // 2],
    "noise": lambda whole: b"\xff" * 400,
    "text": lambda whole: b"notes, and more notes",
    "described-wrongly": lambda whole: whole.replace(b'\\"version\\"', b'\\"versi*n\\"'),
    "description-damaged": lambda whole: whole.replace(b'{\\"name\\"', b'[\\"name\\"'),
    "piece-damaged": lambda whole: whole.replace(b'\\"split\\"', b'\\"splat\\"', 1),
    "column-missing": lambda whole: whole.replace(b'"pitch":', b'"patch":'),
    "column-of-another-kind": lambda whole: whole.replace(b'"U8"', b'"I8"'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_corpus_is_refused(home: Places, damage: str) -> None:
    whole = (home.data / "tiny.safetensors").read_bytes()
    damaged = DAMAGES[damage](whole)
    assert damaged != whole
    (home.data / "damaged.safetensors").write_bytes(damaged)
    said = refused(home, "damaged", changes={"data.corpora": ["damaged"]})
    assert "damaged.safetensors: not a corpus" in said


def test_weights_are_no_corpus(home: Places) -> None:
    learnt(home, "as-corpus", small_recipe_of("event", {"learning.steps": 1}))
    shutil.copy(home.runs / "as-corpus" / "model.safetensors", home.data / "weights.safetensors")
    assert "not a corpus" in refused(home, "none", changes={"data.corpora": ["weights"]})
    assert "no such corpus; make it: antiphon data prepare" in refused(
        home, "none", changes={"data.corpora": ["nowhere"]}
    )


def test_kept_tokens_that_are_damaged_are_made_anew(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    recipe = small_recipe_of("event", {"learning.steps": 2})
    learnt(home, "before", recipe)
    kept = list(home.data.glob("*.tokens"))
    assert len(kept) == 3
    for tokens in kept:
        tokens.write_bytes(tokens.read_bytes()[:-7])
    learnt(home, "after", recipe)
    check_same_run(home, "after", "before")


# --- going on ---


def test_a_run_whose_corpus_changed_is_not_gone_on_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = home_in(tmp_path)
    learner = begin_run(small_recipe_of("event"), "begun", home, ALONE)
    learn(learner, to_nobody, until=6)
    before = saved(home, "begun")
    (home.data / "tiny.safetensors").unlink()
    music = tmp_path / "music"
    next(path for path in sorted(music.iterdir()) if split_by_chance(path.name) == "train").unlink()
    prepare(music_set("tiny"), music, home.data / "tiny.safetensors", workers=1)
    assert train(home, "--resume", "begun") == 2
    said = capsys.readouterr().err
    assert "not the corpus that the run began with" in said
    assert f"--init {home.runs / 'begun' / 'model.safetensors'}" in said
    assert saved(home, "begun").keys() == before.keys()
    weights = str(home.runs / "begun" / "model.safetensors")
    model = [f"--set=model.{name}" for name in ("gap_size=4", "key_size=4", "velocity_size=2", "head=8")]
    assert train(home, "tiny", "--run", "anew", "--init", weights, *small_words(), *model) == 0  # as it says


def test_a_run_whose_corpus_is_gone_is_refused(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    learn(begin_run(small_recipe_of("event"), "begun", home, ALONE), to_nobody, until=1)
    (home.data / "tiny.safetensors").unlink()
    with pytest.raises(SettingError, match="no such corpus"):
        resume_run("begun", home, ALONE)


@pytest.mark.parametrize(
    "changes",
    [
        {"model.trunk.width": 13},
        {"model.trunk.layers": 2},
        {"model.trunk.kind": "gru"},
        {"model.key_size": 5},
    ],
)
def test_weights_of_another_model_are_no_beginning(home: Places, changes: dict[str, Any]) -> None:
    if not (home.runs / "other").exists():
        learnt(home, "other", small_recipe_of("event", {"learning.steps": 1}))
    recipe = small_recipe_of("event", changes)
    with pytest.raises(SettingError, match=r"weights of another model: .* where .* is meant"):
        begin_run(recipe, "init", home, ALONE, home.runs / "other" / "model.safetensors")
    assert not (home.runs / "init").exists()


@pytest.mark.parametrize("part", ["model", "optimiser", "carried", "chance", "place"])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_checkpoint_is_refused_with_a_way_on(home: Places, part: str, damage: str) -> None:
    name = f"damaged-{part}-{damage}"
    learn(begin_run(small_recipe_of("event"), name, home, ALONE), to_nobody, until=6)
    folder = home.runs / name
    file = folder / "checkpoint" / ("place.json" if part == "place" else f"{part}.safetensors")
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(SettingError) as why:
        resume_run(name, home, ALONE)
    assert str(folder) in str(why.value)
    assert "--run" in str(why.value) or "--init" in str(why.value)
    assert trained(RunFolder(folder), ALONE.device)  # its best weights are there still


def test_lanes_that_another_version_carried_otherwise_begin_in_silence(home: Places) -> None:
    learn(begin_run(small_recipe_of("event"), "otherwise", home, ALONE), to_nobody, until=1)
    file = home.runs / "otherwise" / "checkpoint" / "carried.safetensors"
    safetensors.torch.save_file({"ring": torch.ones(2, 3)}, file)
    learner = resume_run("otherwise", home, ALONE)
    assert learner.state.keys() == learner.model.silent_state(1).keys()
    assert not any(value.any() for value in learner.state.values())
    assert learner.step == 1


def test_a_damaged_vocabulary_is_refused(home: Places) -> None:
    recipe = small_recipe_of("symbol", {"data.encoding": "chord"})
    learn(begin_run(recipe, "words", home, ALONE), to_nobody, until=1)
    path = home.runs / "words" / "vocabulary.json"
    path.write_text(path.read_text()[:-5])
    with pytest.raises(SettingError, match=r"vocabulary.json: damaged"):
        resume_run("words", home, ALONE)
    path.unlink()
    with pytest.raises(SettingError, match=r"vocabulary.json: missing"):
        resume_run("words", home, ALONE)


# --- while it learns ---

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("error", [FULL, SafetensorError("Error while serializing: I/O error")])
@pytest.mark.parametrize("file", ["model", "optimiser", "carried"])
def test_a_full_disk_stops_the_run_and_what_was_saved_before_goes_on_exactly(
    home: Places, monkeypatch: pytest.MonkeyPatch, file: str, error: Exception
) -> None:
    recipe = small_recipe_of("event")
    if not (home.runs / "roomy").exists():
        learnt(home, "roomy", recipe)
    name = f"full-{file}-{type(error).__name__}"
    learner = begin_run(recipe, name, home, ALONE)
    learn(learner, to_nobody, until=5)
    save = safetensors.torch.save_file

    def full(tensors: Any, path: Path) -> None:
        if path.name.lstrip(".").startswith(file):
            path.write_bytes(b"\0" * 100)  # as much as there was room for
            raise error
        save(tensors, path)

    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "save_file", full)
        with pytest.raises(SettingError) as why:
            learn(learner, to_nobody)
    assert "what was saved before stands: make room" in str(why.value)
    assert f"--resume {name}" in str(why.value)
    left = {
        path.name for path in (home.runs / name).rglob("*") if "unfinished" in path.name or "new" in path.name
    }
    assert left == set()
    again = resume_run(name, home, ALONE)
    assert again.step == 5
    learn(again, to_nobody)
    check_same_run(home, name, "roomy")


@pytest.mark.parametrize("moved", ["checkpoint", "checkpoint.new"])
def test_a_crash_while_a_checkpoint_takes_the_place_of_another_leaves_one_to_go_on_from(
    home: Places, monkeypatch: pytest.MonkeyPatch, moved: str
) -> None:
    recipe, name = small_recipe_of("event"), f"crashed-{moved}"
    if not (home.runs / "uncrashed").exists():
        learnt(home, "uncrashed", recipe)
    learner = begin_run(recipe, name, home, ALONE)
    learn(learner, to_nobody, until=5)
    rename = Path.rename

    def crash(path: Path, target: Path) -> Path:
        if path.name == moved:
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", crash)
        with pytest.raises(KeyboardInterrupt):
            learn(learner, to_nobody, until=7)
    again = resume_run(name, home, ALONE)
    assert again.step == 5
    learn(again, to_nobody)
    check_same_run(home, name, "uncrashed")


def test_a_first_checkpoint_that_has_no_room_promises_nothing(
    home: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = begin_run(small_recipe_of("event"), "no-first", home, ALONE)

    def full(*_: Any, **__: Any) -> NoReturn:
        raise FULL

    with monkeypatch.context() as patched:
        patched.setattr("training.learning.checkpoint.save_file", full)
        with pytest.raises(SettingError, match="nothing had been saved before: make room, then begin anew"):
            learn(learner, to_nobody, until=2)


def test_all_of_a_checkpoint_reaches_the_disk_before_it_takes_the_place_of_the_old_one(
    home: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = begin_run(small_recipe_of("event"), "synced", home, ALONE)
    reached: set[int] = set()
    monkeypatch.setattr(os, "fsync", lambda file: reached.add(os.fstat(file).st_ino))
    learn(learner, to_nobody, until=2)
    files = list((home.runs / "synced" / "checkpoint").iterdir())
    assert files
    assert {path.name for path in files if path.stat().st_ino not in reached} == set()


def test_curves_that_have_no_room_stop_the_run_too(home: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    learner = begin_run(small_recipe_of("event"), "no-curves", home, ALONE)
    learn(learner, to_nobody, until=2)

    def full(*_: Any, **__: Any) -> NoReturn:
        raise FULL

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", full)
        with pytest.raises(SettingError, match=r"curves.jsonl: can't be written: .*No space left"):
            learn(learner, to_nobody)
    assert resume_run("no-curves", home, ALONE).step == 2


def stopped(learner: Learner) -> str:
    """Why it can't learn on."""
    with pytest.raises(StoppedLearning) as why:
        learn(learner, to_nobody)
    assert "\n" not in str(why.value)
    return str(why.value)


def test_a_loss_that_is_no_number_stops_the_run_and_leaves_the_checkpoint_before_it(home: Places) -> None:
    recipe = small_recipe_of("event")
    learnt(home, "sane", recipe)
    learner = begin_run(recipe, "wild", home, ALONE)
    learn(learner, to_nobody, until=6)
    with torch.no_grad():
        next(learner.model.parameters()).fill_(float("nan"))
    said = stopped(learner)
    assert (
        "the loss is nan at step 7; begin a new run with a lower rate (--set learning.rate=5.0e-03)" in said
    )
    assert f"{home.runs / 'wild' / 'model.safetensors'} (--init)" in said
    assert all(value.isfinite().all() for value in saved(home, "wild").values())
    assert curves(home, "wild")[-1] == {"step": 7, "kind": "diverged", "what": "loss", "value": "nan"}
    learn(resume_run("wild", home, ALONE), to_nobody)
    check_same_run(home, "wild", "sane")


def test_a_gradient_that_is_no_number_stops_the_run_before_it_touches_a_weight(home: Places) -> None:
    learner = begin_run(small_recipe_of("event"), "steep", home, ALONE)
    before = {name: value.clone() for name, value in learner.model.state_dict().items()}
    weight = next(learner.model.parameters())
    weight.register_hook(lambda gradient: gradient * float("inf"))  # type: ignore[no-untyped-call]
    assert "the gradient is nan at step 1" in stopped(learner)
    assert curves(home, "steep") == [{"step": 1, "kind": "diverged", "what": "gradient", "value": "nan"}]
    after = learner.model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_where_products_are_in_bfloat16_finer_numbers_are_offered_too(home: Places, precision: str) -> None:
    gru = {"kind": "gru", "layers": 1, "width": 8}  # which learns in bfloat16 on any processor
    learner = begin_run(small_recipe_of("event", {"model.trunk": gru}), f"lost-{precision}", home, ALONE)
    learner.precision = precision  # type: ignore[assignment]
    with torch.no_grad():
        next(learner.model.parameters()).fill_(float("nan"))
    assert ("learning.precision=float32" in stopped(learner)) == (precision == "bfloat16")


def test_a_rate_that_is_far_too_high_is_reported(home: Places, capsys: pytest.CaptureFixture[str]) -> None:
    wild = small_words(**{"learning.steps": "40", "learning.rate": "1e30", "learning.clip": "1e30"})
    assert train(home, "tiny", "--run", "too-high", *wild) == 2
    said = capsys.readouterr().err
    assert "at step" in said
    assert "lower rate" in said


# --- files of strangers ---


class Trap:
    """A pickle of this makes a file when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[Path]]:
        return Path.touch, (self.path,)


def set_trap(path: Path, sprung: Path, way: str) -> None:
    if way == "torch":
        torch.save({"weights": Trap(sprung)}, path)
    else:
        path.write_bytes(pickle.dumps(Trap(sprung)))


@pytest.mark.parametrize("way", ["torch", "pickle"])
def test_the_trap_would_spring(tmp_path: Path, way: str) -> None:
    set_trap(tmp_path / "trap", tmp_path / "sprung", way)
    if way == "torch":
        torch.load(tmp_path / "trap", weights_only=False)
    else:
        pickle.loads((tmp_path / "trap").read_bytes())
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize("way", ["torch", "pickle"])
@pytest.mark.parametrize("name", ["weights.pt", "model.safetensors"])
def test_a_strangers_pickle_is_no_beginning_and_is_not_run(
    home: Places, tmp_path: Path, way: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_trap(tmp_path / name, tmp_path / "sprung", way)
    assert train(home, "tiny", "--run", "trapped", "--init", str(tmp_path / name), *small_words()) == 2
    assert f"{name}: no weights can be read from it" in capsys.readouterr().err
    assert not (tmp_path / "sprung").exists()
    assert not (home.runs / "trapped").exists()


def used(home: Places, file: str) -> None:
    """The stranger's run, so that the file is read."""
    if file == "model":
        trained(RunFolder(home.runs / "stranger"), ALONE.device)
    else:
        resume_run("stranger", home, ALONE)


@pytest.mark.parametrize("way", ["torch", "pickle"])
@pytest.mark.parametrize("file", ["checkpoint/model", "checkpoint/optimiser", "model", "corpus"])
def test_a_strangers_run_and_corpus_run_no_code(tmp_path: Path, way: str, file: str) -> None:
    home = home_in(tmp_path)
    learn(begin_run(small_recipe_of("event"), "stranger", home, ALONE), to_nobody, until=6)
    path = home.runs / "stranger" / f"{file}.safetensors"
    if file == "corpus":
        path = home.data / "tiny.safetensors"
    set_trap(path, tmp_path / "sprung", way)
    with pytest.raises(SettingError, match=r"no weights can be read from it|not a corpus"):
        used(home, file)
    assert not (tmp_path / "sprung").exists()
