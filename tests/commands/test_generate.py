"""`antiphon generate`: every family plays, every option changes what is played, and mistakes are refused."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from antiphon import main
from music.midi.files import read_pieces, write_midi
from music.notes import Note
from music.phrase import Phrase
from pieces.reversal import reversed_in_time
from tests.support.generating import FAMILIES, made_run
from tests.support.phrases import improvised
from tests.support.recipes import home_in, learnt, small_recipe_of
from training.learning.checkpoint import RunFolder, tensors_in

_TICK_S = 0.0011


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    write_midi(improvised(1), folder / "phrase.mid")
    for family in FAMILIES:
        made_run(folder / "runs", family)
    return folder


@pytest.fixture(autouse=True)
def _at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)


Played = tuple[dict[str, Any], Phrase]


@pytest.fixture(scope="module")
def kept() -> dict[tuple[str, ...], Played]:
    """What was played before, by all that was said."""
    return {}


@pytest.fixture
def play(kept: dict[tuple[str, ...], Played], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """Generate into a fresh file, unless it was played before: the record of it, and the phrase."""
    made = iter(range(100))

    def played(run: str, *words: str, seed: int = 3, anew: bool = False) -> Played:
        said = (run, *words, str(seed))
        if anew or said not in kept:
            kept[said] = generated(run, *words, seed=seed)
        return kept[said]

    def generated(run: str, *words: str, seed: int) -> Played:
        out = tmp_path / f"{next(made)}.mid"
        given = ["--seed", str(seed), "--device", "cpu", "--json", *words]
        assert main(["generate", run, str(out), *given]) == 0
        printed = json.loads(capsys.readouterr().out)
        return printed["pieces"][0] | {"settings": printed["settings"]}, read_pieces(out)[0].phrase

    return played


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line that says what can't be."""
    assert main(["generate", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("antiphon: ")
    (line,) = captured.err.splitlines()
    return line


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_plays_from_nothing_and_the_same_again(family: str, play: Any) -> None:
    record, phrase = play(family, "--rows", "20")
    assert record["rows"] == 20
    assert record["notes"] == len(phrase.notes) > 0
    assert play(family, "--rows", "20", anew=True)[1] == phrase
    assert play(family, "--rows", "20", seed=4)[1] != phrase


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_goes_on_from_a_phrase_and_is_moved_by_it(family: str, play: Any) -> None:
    record, phrase = play(family, "--rows", "20", "--from", "phrase.mid", "--prompt-s", "3")
    assert record["prompt_notes"] > 0
    assert {note.voice for note in phrase.notes} == {0, 1}
    assert sum(note.voice == 0 for note in phrase.notes) == record["prompt_notes"]
    alone, new = play(family, "--rows", "20", "--from", "phrase.mid", "--prompt-s", "3", "--only-new")
    assert {note.voice for note in new.notes} == {0}
    assert alone["notes"] == record["notes"] == len(new.notes)
    assert shape(new) != shape(play(family, "--rows", "20")[1])


@pytest.mark.parametrize("family", ["event", "note", "step", "performance", "roll", "chord"])
def test_it_ends_exactly_after_so_many_seconds(family: str, play: Any) -> None:
    record, phrase = play(family, "--seconds", "2.5")
    assert not record["is_short"]
    assert record["seconds"] <= 2.5
    assert phrase.until <= 2.5 + _TICK_S
    _, longer = play(family, "--seconds", "5")
    assert [(note.at, note.pitch) for note in phrase.notes] == [
        (note.at, note.pitch) for note in longer.notes if note.at < 2.5
    ]


@pytest.mark.parametrize("family", ["event", "note", "step", "performance", "roll", "chord"])
def test_the_prompt_is_not_counted(family: str, play: Any) -> None:
    words = ("--seconds", "2.5", "--from", "phrase.mid", "--prompt-s", "3")
    record, phrase = play(family, *words)
    prompt_ends = max(note.until for note in phrase.notes if note.voice == 0)
    assert not record["is_short"]
    assert record["seconds"] <= 2.5
    assert max(note.until for note in phrase.notes) <= prompt_ends + 2.5 + _TICK_S


@pytest.mark.slow
def test_a_model_in_which_time_stands_still_is_stopped_and_says_so(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = made_run(home / "runs", "event", "still")
    weights = tensors_in(folder.model)
    weights["gap_out.weight"].zero_()
    weights["gap_out.bias"][:] = -30.0
    weights["gap_out.bias"][0] = 30.0
    save(folder, weights)
    assert main(["generate", "still", str(tmp_path / "still.mid"), "--seconds", "1", "--device", "cpu"]) == 0
    said = capsys.readouterr().out
    assert "500 events" in said
    assert "stopped at 500 events before it was long enough (--rows sets that limit)" in said
    assert main(["generate", "still", str(tmp_path / "2.mid"), "--seconds", "1", "--rows", "40"]) == 0
    assert "stopped at 40 events" in capsys.readouterr().out


def test_silence_in_a_roll_counts_as_time(home: Path, play: Any) -> None:
    folder = made_run(home / "runs", "roll", "silent")
    weights = tensors_in(folder.model)
    weights["keys_out.weight"].zero_()
    weights["keys_out.bias"][:] = -50.0
    save(folder, weights)
    record, phrase = play("silent", "--seconds", "3")
    assert (record["rows"], record["notes"], record["is_short"]) == (24, 0, False)
    assert phrase.notes == ()


def save(folder: RunFolder, weights: dict[str, torch.Tensor]) -> None:
    from safetensors.torch import save_file

    save_file(weights, folder.model)


@pytest.mark.parametrize("family", ["event", "note", "step", "performance"])
def test_every_way_of_drawing_changes_what_is_played(family: str, play: Any) -> None:
    ways = (
        ("--argmax",),
        ("--temperature", "0.4"),
        ("--temperature", "3"),
        ("--top-k", "2"),
        ("--top-p", "0.3"),
        ("--mix", "0.7"),
    )
    check_each_changes_what_is_played(family, ways, play)


@pytest.mark.parametrize("family", ["roll", "biaxial"])
def test_rolls_are_drawn_tamer_too(family: str, play: Any) -> None:
    ways = (("--argmax",), ("--temperature", "0.4"), ("--mix", "0.7"))
    check_each_changes_what_is_played(family, ways, play)


def check_each_changes_what_is_played(family: str, ways: Sequence[tuple[str, ...]], play: Any) -> None:
    _, plain = play(family, "--rows", "20")
    for words in ways:
        assert play(family, "--rows", "20", *words)[1] != plain, words


def test_the_likeliest_is_the_same_whatever_the_seed(play: Any) -> None:
    assert (
        play("event", "--argmax", "--rows", "20", seed=1)[1]
        == play("event", "--argmax", "--rows", "20", seed=2)[1]
    )


def test_the_format_is_kept_unless_it_is_not_to_be(play: Any) -> None:
    kept, phrase = play("pair", "--rows", "200")
    assert kept["settings"]["format_filter"]
    broken, other = play("pair", "--rows", "200", "--no-format-filter")
    assert not broken["settings"]["format_filter"]
    assert phrase != other
    # notes and separators stand at every second place, and of 131 of these nearly all are notes
    assert kept["notes"] > 60


def test_a_run_that_learnt_backwards_is_turned_round(
    home: Path, play: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    made_run(home / "runs", "event", "backwards", transforms=[{"name": "reverse"}])
    words = ("--rows", "40")
    record, turned = play("backwards", *words)
    _, as_drawn = play("backwards", *words, "--no-reverse")
    assert record["settings"]["reversed"]
    assert turned != as_drawn
    again = reversed_in_time(as_drawn)
    assert sorted(note.pitch for note in turned.notes) == sorted(note.pitch for note in again.notes)
    assert sorted(note.at for note in turned.notes) == pytest.approx(
        sorted(note.at for note in again.notes), abs=2 * _TICK_S
    )
    assert play("backwards", *words, "--reverse")[1] == turned
    assert main(["generate", "backwards", "--rows", "9"]) == 0
    assert "turned forwards again, for it learnt music backwards" in capsys.readouterr().out


def test_backwards_the_files_ending_is_the_prompt_and_ends_the_result(home: Path, play: Any) -> None:
    made_run(home / "runs", "event", "to-the-end", transforms=[{"name": "reverse"}])
    _, phrase = play("to-the-end", "--rows", "40", "--from", "phrase.mid", "--prompt-notes", "4")
    last = sorted(improvised(1).notes, key=lambda note: note.until)[-4:]
    assert {note.pitch for note in phrase.notes if note.voice == 0} == {note.pitch for note in last}
    new = [note.at for note in phrase.notes if note.voice == 1]
    assert max(new) <= min(note.at for note in phrase.notes if note.voice == 0) + 1e-2


def test_a_prompt_goes_through_the_runs_transforms(home: Path, play: Any) -> None:
    made_run(home / "runs", "event", "higher", transforms=[{"name": "transpose", "semitones": 5}])
    words = ("--rows", "10", "--from", "phrase.mid", "--prompt-notes", "6")
    _, plain = play("event", *words)
    _, higher = play("higher", *words)
    assert [note.pitch + 5 for note in prompt_in(plain)] == [note.pitch for note in prompt_in(higher)]


def test_a_prompt_may_be_the_whole_file_or_part_of_it(play: Any) -> None:
    words = ("--rows", "5", "--from", "phrase.mid")
    assert play("step", *words)[0]["prompt_notes"] == len(improvised(1).notes)
    assert play("step", *words, "--prompt-notes", "7")[0]["prompt_notes"] == 7
    _, phrase = play("step", *words, "--prompt-s", "2")
    begins = improvised(1).notes[0].at
    assert [note.pitch for note in prompt_in(phrase)] == [
        note.pitch for note in improvised(1).notes if note.at < begins + 2
    ]


def test_a_model_taught_in_cold_windows_hears_no_further_back(home: Path, play: Any) -> None:
    made_run(home / "runs", "event", "windows", feed={"kind": "windows", "window": 2})
    assert play("windows", "--rows", "20")[1] != play("event", "--rows", "20")[1]


def test_a_model_never_taught_to_begin_is_given_a_first_row_by_chance(home: Path, play: Any) -> None:
    made_run(home / "runs", "chord", "given", first_given=True)
    first = {
        tuple(note.pitch for note in play("given", "--rows", "1", seed=seed)[1].notes) for seed in range(4)
    }
    assert len(first) > 1


def test_an_rbm_refines_rolls_in_both_ways_and_says_how_much_stayed(play: Any) -> None:
    words = ("--rows", "40")
    _, plain = play("roll", *words)
    step, by_step = play("roll", *words, "--polish", "rbm")
    window, by_window = play("roll", *words, "--polish", "rbm", "--polish-way", "window")
    assert len({plain, by_step, by_window}) == 3
    assert (step["settings"]["polish_way"], window["settings"]["polish_way"]) == ("step", "window")
    for record in (step, window):
        assert 0 < record["unchanged"]["all"] < 1


def test_several_pieces_have_seeds_one_after_another(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, play: Any
) -> None:
    out = tmp_path / "of" / "several.mid"
    assert (
        main(
            ["generate", "event", str(out), "--rows", "30", "--count", "3", "--seed", "5", "--device", "cpu"]
        )
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert [line.rsplit(" ", 1)[1] for line in lines[:3]] == ["5", "6", "7"]
    assert lines[3] == "event: from nothing, temperature 1"
    pieces = [read_pieces(out.with_stem(f"several-{number}"))[0].phrase for number in (1, 2, 3)]
    assert pieces == [play("event", "--rows", "30", seed=seed)[1] for seed in (5, 6, 7)]


def test_without_a_place_the_next_number_in_the_runs_folder_is_taken(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made_run(home / "runs", "event", "numbered")
    for _ in range(2):
        assert main(["generate", "numbered", "--rows", "20", "--count", "2"]) == 0
    capsys.readouterr()
    made = sorted(path.name for path in (home / "runs" / "numbered").glob("*.mid"))
    assert made == [f"generated-00{number}.mid" for number in (1, 2, 3, 4)]
    seeds = {read_pieces(home / "runs" / "numbered" / name)[0].phrase for name in made}
    assert len(seeds) > 1


def test_notes_beyond_the_88_keys_are_left_out_and_counted(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    low = [Note(0.1 * number, pitch, 64, 0.1) for number, pitch in enumerate((10, 60, 62, 12))]
    write_midi(Phrase.of(low), home / "low.mid")
    assert main(["generate", "event", str(tmp_path / "low.mid"), "--from", "low.mid", "--rows", "5"]) == 0
    captured = capsys.readouterr()
    assert captured.err == "low.mid: 2 notes of the prompt are left out: event has no such keys\n"
    assert "after a prompt of 2" in captured.out


def test_chords_that_were_not_learnt_are_heard_as_such_and_counted(
    home: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    write_midi(improvised(9), home / "other.mid")
    words = ("--from", "other.mid", "--prompt-s", "4", "--rows", "5")
    assert main(["generate", "chord", str(tmp_path / "chords.mid"), *words]) == 0
    err = capsys.readouterr().err
    assert err.startswith("other.mid: ")
    assert err.endswith(" tokens are none that chord learnt\n")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nobody",), "nobody: no run lies there"),
        (("unfinished",), "it has no model yet"),
        (("wild",), "its weights are broken"),
        (("event", "--argmax", "--temperature", "2"), "leave one out"),
        (("event", "--argmax", "--top-k", "2", "--mix", "0.5"), "--top-k, --mix can't matter"),
        (("event", "--temperature", "0"), "temperature is above 0"),
        (("event", "--temperature", "inf"), "temperature is above 0 and at most"),
        (("event", "--top-p", "2"), "top_p is above 0 and at most 1"),
        (("event", "--mix", "-1"), "argmax_share is from 0 to 1"),
        (("event", "--seconds", "0"), "--seconds is above 0"),
        (("event", "--seconds", "nan"), "--seconds is above 0"),
        (("event", "--rows", "0"), "--rows is from 1"),
        (("event", "--count", "0"), "--count is from 1"),
        (("event", "--seed", "-1"), "--seed is from 0"),
        (("event", "--prompt-s", "2"), "say --from FILE.mid too"),
        (("event", "--only-new"), "say --from FILE.mid too"),
        (("event", "--polish-way", "step"), "say --polish RBM_RUN too"),
        (("event", "--reverse"), "learnt music forwards"),
        (("event", "--no-format-filter"), "has no format"),
        (("event", "--polish", "rbm"), "an rbm refines rolls, and event writes in event"),
        (("roll", "--polish", "event"), "event is no rbm"),
        (("roll", "--polish", "coarse-rbm"), "was trained on other rolls"),
        (("roll", "--polish", "backward-rbm"), "was trained on music backwards"),
        (("roll", "--top-k", "3"), "--top-k and --top-p have nothing to choose from"),
        (("event", "--from", "nowhere.mid"), "nowhere.mid: no such file"),
        (("event", "--from", "words.mid"), "words.mid: "),
        (("event", "--from", "empty.mid"), "empty.mid: it has no notes"),
        (("event", "--from", "deep.mid"), "of the prompt's 1 notes the encoding event can write none down"),
        (("event", "--from", "phrase.mid", "--prompt-s", "500"), "less than a prompt of 500 s"),
        (("event", "--from", "phrase.mid", "--prompt-notes", "500"), "fewer than a prompt of 500"),
        (
            ("event", "--from", "phrase.mid", "--prompt-s", "1", "--prompt-notes", "5"),
            "leave out --prompt-s or",
        ),
        (("only-minor", "--from", "major.mid"), "its transforms leave it out"),
        (("event", "phrase.mid"), "phrase.mid: exists already"),
        (("event", "phrase.mid/out.mid"), "phrase.mid: no folder can be made there"),
    ],
)
def test_what_can_not_be_is_refused_in_one_line(
    words: tuple[str, ...], why: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(home, words)
    before = sorted(home.rglob("*.mid"))
    assert why in refused(capsys, *words, "--device", "cpu")
    assert sorted(home.rglob("*.mid")) == before


def prepare(home: Path, words: tuple[str, ...]) -> None:
    """What those words speak of."""
    files: dict[str, Phrase] = {
        "empty.mid": Phrase(),
        "deep.mid": Phrase.of([Note(0.0, 5, 64, 1.0)]),
        "major.mid": Phrase.of(
            Note(float(at), pitch, 64, 0.5) for at, pitch in enumerate((60, 64, 67, 72, 65, 67, 60))
        ),
    }
    for name in set(words) & files.keys():
        write_midi(files[name], home / name)
    if "words.mid" in words:
        (home / "words.mid").write_text("no music")
    runs: dict[str, tuple[str, dict[str, Any]]] = {
        "unfinished": ("event", {}),
        "wild": ("event", {}),
        "coarse-rbm": ("rbm", {"encoding_settings": {"steps": 2.0}}),
        "backward-rbm": ("rbm", {"transforms": [{"name": "reverse"}]}),
        "only-minor": ("event", {"transforms": [{"name": "only-mode", "mode": "minor"}]}),
    }
    for name in set(words) & runs.keys():
        family, data = runs[name]
        folder = made_run(home / "runs", family, name, **data)
        if name == "unfinished":
            folder.model.unlink()
        if name == "wild":
            weights = tensors_in(folder.model)
            weights["gap_out.bias"][0] = float("nan")
            save(folder, weights)


def test_a_folder_that_can_not_be_written_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = Path.open

    def denied(path: Path, mode: str = "r", *rest: Any, **named: Any) -> Any:
        if "x" in mode:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, mode, *rest, **named)

    monkeypatch.setattr(Path, "open", denied)
    assert "out.mid: can't be written: Permission denied" in refused(
        capsys, "event", "out.mid", "--rows", "3"
    )


def shape(phrase: Phrase) -> list[tuple[int, int]]:
    return [(note.pitch, round(note.length_s * 100)) for note in phrase.notes]


def prompt_in(phrase: Phrase) -> list[Note]:
    return [note for note in phrase.notes if note.voice == 0]


@pytest.mark.slow
def test_baselines_can_be_heard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = home_in(tmp_path)
    changes = {"data.encoding": "chord", "data.feed": {"kind": "lanes", "lanes": 2, "window": 20}}
    learnt(home, "chords", small_recipe_of("symbol", changes))
    words = ["chords", "--runs", str(home.runs), "--rows", "40", "--seed", "3", "--json"]

    def heard(name: str, *more: str) -> Phrase:
        place = str(tmp_path / f"{name}.mid")
        assert main(["generate", *words, place, *more]) == 0
        made = json.loads(capsys.readouterr().out)
        assert made["settings"]["baseline"] == (more[1] if more else None)
        return read_pieces(Path(place))[0].phrase

    by_frequency = heard("frequency", "--baseline", "frequency")
    assert by_frequency.notes == heard("again", "--baseline", "frequency").notes
    untrained = heard("untrained", "--baseline", "untrained")
    assert len({by_frequency.notes, untrained.notes, heard("learnt").notes}) == 3


@pytest.mark.parametrize(
    "words",
    [
        ("--baseline", "frequency", "--argmax"),
        ("--baseline", "frequency", "--temperature", "2"),
        ("--baseline", "frequency", "--from", "phrase.mid"),
        ("--corpora", "corpora"),
    ],
)
def test_what_a_baseline_has_no_use_for_is_refused(
    words: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", "chord", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--baseline frequency" in line


def test_real_numbers_have_no_frequency_to_draw_by(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = home_in(tmp_path)
    learnt(home, "step", small_recipe_of("step"))
    assert main(["generate", "step", "--runs", str(home.runs), "--baseline", "frequency"]) == 2
    assert "step writes real numbers" in capsys.readouterr().err
