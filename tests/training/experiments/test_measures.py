"""Each measure against a small case reckoned by hand: pieces that are known,
and models that say what they are set to say."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import Tensor

from evaluation.likeness.chamfer import normalised_chamfer
from evaluation.likeness.defined import Undefined
from music.encodings.character import CharacterEncoding
from music.encodings.chord import ChordEncoding
from music.encodings.roll import RollEncoding
from music.keys import detect_key
from music.midi.files import write_midi
from music.notes import KEYS, LOWEST_KEY, Note
from music.phrase import Phrase
from music.tokens.encoding import Encoding
from pieces.corpus import Corpus, prepare
from pieces.music_sets import SPLITS, music_set, split_by_chance
from pieces.token_pieces import encode_pieces
from tests.support.recipes import LANES, small_recipe_of
from training.experiments.finished import Finished
from training.experiments.measures import _kept, _whatever_the_input
from training.experiments.measures import measured as all_measured
from training.experiments.stages import _held_out as held_out_steps
from training.learning.checkpoint import RunFolder
from training.models.drawing import Choices
from training.models.model import Model, State
from training.models.rolls import roll_model
from training.models.rolls.rbm import Rbm, RbmSettings
from training.models.rolls.roll_model import RollModelSettings
from training.models.symbol_model import SymbolModel, SymbolModelSettings
from training.models.trunks.recurrent import RecurrentSettings
from training.opened_run import Trained, untrained

HALF_BEAT_S = 0.25
RISING = [60, 62, 64, 65, 67, 69, 71, 72]
LEARNT = [*RISING, 61, 63, 66, 68, 70, 73, 75, 78, *RISING, *RISING]  # 32 notes: 24 of the white keys
HELD_OUT = [*RISING, *reversed(RISING)]
UNSEEN = [62, *RISING, *RISING[:-1], 60]  # from D to C, 17 notes on white keys


def melody(pitches: Sequence[int]) -> Phrase:
    """One note each half beat."""
    notes = [Note(place * HALF_BEAT_S, pitch, 64, HALF_BEAT_S) for place, pitch in enumerate(pitches)]
    return Phrase.of(notes)


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> list[Corpus]:
    """One piece a split."""
    folder = tmp_path_factory.mktemp("known")
    (folder / "music").mkdir()
    for split, pitches in zip(SPLITS, (LEARNT, HELD_OUT, UNSEEN), strict=True):
        name = next(f"{n}.mid" for n in itertools.count() if split_by_chance(f"{n}.mid") == split)
        write_midi(melody(pitches), folder / "music" / name)
    prepare(music_set("known"), folder / "music", folder / "known.safetensors", workers=1)
    return [Corpus(folder / "known.safetensors")]


class Player(Model):
    """Plays a score row by row and then its last row for ever, whatever it hears;
    is surprised by a symbol's number in hundredths of a nat."""

    kind: ClassVar[str] = "player"
    unit: ClassVar[str] = "token"
    parts = ("token",)

    def __init__(self, score: Any) -> None:
        super().__init__()
        self.score = torch.as_tensor(score)
        self.weight = torch.nn.Parameter(torch.zeros(1))

    @property
    def begin_row(self) -> tuple[float, ...]:
        return (0.0,) * self.score.shape[1]

    def silent_state(self, lanes: int) -> State:
        return {"place": torch.zeros(lanes, 1, dtype=torch.long)}

    def forward(self, rows: Tensor, state: State, last: int | None = None) -> tuple[Tensor, State]:
        place = state["place"] + rows.shape[1]
        return place - 1, {"place": place}

    def surprise(self, read: Tensor, following: Tensor) -> Tensor:
        return following[..., :1] / 100.0

    def next_row(self, read: Tensor, choices: Choices) -> Tensor:
        return self.score[read[:, 0].clamp(max=len(self.score) - 1)]


CHARACTERS = CharacterEncoding()
AT_HOME: dict[str, list[dict[str, str]]] = {"data.transforms": [{"name": "home-key"}]}


def measured(run: Finished) -> dict[str, float]:
    """The numbers alone."""
    return all_measured(run).values


def not_defined(run: Finished) -> dict[str, str]:
    """What has no number, and why."""
    return all_measured(run).undefined


def finished(
    corpora: list[Corpus],
    model: Model,
    *wanted: str,
    encoding: Encoding = CHARACTERS,
    changes: Mapping[str, Any] | None = None,
) -> Finished:
    """A run of this model that asks for these measures."""
    settings = {"data.encoding": encoding.name, "data.feed": LANES, "log.measures": list(wanted)}
    recipe = small_recipe_of("symbol", settings | {"log.validation_rows": 0} | dict(changes or {}))
    made = Trained(RunFolder(Path("none")), recipe, encoding, model)
    return Finished(made, encode_pieces(corpora, encoding, "train", recipe.data.transform), corpora)


def characters(pitches: Sequence[int]) -> Any:
    return CHARACTERS.encode(melody(pitches)).astype(np.int64)


def test_the_test_is_of_pieces_that_it_never_saw(corpora: list[Corpus]) -> None:
    run = finished(corpora, Player(characters([60])), "test")
    assert measured(run) == pytest.approx({"test": np.mean(characters(UNSEEN)) / 100})


def test_baselines_tell_the_model_as_it_began_and_what_counting_knows(corpora: list[Corpus]) -> None:
    run = finished(corpora, saying(1), "test", "baselines")
    recipe, encoding = run.made.recipe, run.made.encoding
    as_it_began = replace(run, made=replace(run.made, model=untrained(recipe, encoding, torch.device("cpu"))))
    figures = measured(run)
    assert figures["untrained"] == measured(as_it_began)["test"] != figures["test"]
    counts = np.bincount(characters(LEARNT)[:, 0], minlength=CHARACTERS.vocabulary.sizes[0]) + 1
    nats = -np.log(counts / counts.sum())[characters(UNSEEN)[:, 0]]
    assert figures["by_frequency"] == pytest.approx(nats.mean())
    learnt, unseen = characters(LEARNT)[:, 0], characters(UNSEEN)[:, 0]
    share = (np.sum(learnt[1:] == learnt[:-1]) + 1) / (len(learnt) + 1)
    after = (1 - share) * np.exp(-nats[1:]) + share * (unseen[1:] == unseen[:-1])
    assert figures["same_again"] == pytest.approx((nats[0] - np.log(after).sum()) / len(nats))


def test_baselines_of_rolls_count_keys_and_what_follows_them(corpora: list[Corpus]) -> None:
    settings = {"data.encoding": "roll", "model": {"kind": "roll", "trunk": {"layers": 1, "width": 4}}}
    recipe, encoding = small_recipe_of("symbol", settings | {"log.measures": ["baselines"]}), RollEncoding()
    made = Trained(
        RunFolder(Path("none")), recipe, encoding, untrained(recipe, encoding, torch.device("cpu"))
    )
    figures = measured(Finished(made, encode_pieces(corpora, encoding, "train"), corpora))
    assert set(figures) == {"untrained", "key_frequency", "note_bigram"}
    learnt, unseen = (encoding.encode(melody(pitches))[:, :KEYS] for pitches in (LEARNT, UNSEEN))
    chance = (learnt.sum(0) + 1) / (len(learnt) + 2)
    nats = -np.where(unseen[1:], np.log(chance), np.log1p(-chance)).sum(1)
    assert figures["key_frequency"] == pytest.approx(nats.mean())
    assert figures["note_bigram"] < figures["key_frequency"]


def test_by_heart_counts_rows_in_their_places_after_those_that_are_given(corpora: list[Corpus]) -> None:
    score = characters(LEARNT)
    rebuilt = finished(corpora, Player(score), "by-heart")
    figures = measured(rebuilt)
    assert (figures["right"], figures["chamfer"]) == (1.0, 0.0)
    assert figures["chamfer_silent"] == 1
    assert min(figures["chamfer_shuffled"], figures["chamfer_unrelated"], figures["chamfer_one_pitch"]) > 0.05
    wrong = score.copy()
    wrong[:20] += 1  # these are given, and so are no mistakes
    wrong[[20, 30, 40]] += 2  # pitches of the 11th, 16th and 21st note
    damaged = np.concatenate([score[:20], wrong[20:]])
    far = normalised_chamfer(CHARACTERS.decode(damaged), CHARACTERS.decode(score))
    assert far > 0
    run = finished(corpora, Player(wrong), "by-heart")
    figures = measured(run)
    assert figures["right"] == pytest.approx(1 - 3 / (len(score) - 20))
    assert figures["chamfer"] == pytest.approx(far)


def saying(symbol: int) -> SymbolModel:
    """A model that finds one symbol the likeliest, always."""
    model = SymbolModel(
        SymbolModelSettings(trunk=RecurrentSettings(layers=1, width=4), embedding=4),
        CHARACTERS.vocabulary.sizes[0],
    )
    with torch.no_grad():
        model.symbol_out.weight.zero_()
        model.symbol_out.bias.zero_()
        model.symbol_out.bias[symbol] = 1.0
    return model


def test_each_class_is_kept_by_its_name_with_how_often_it_was_there_said_and_right(
    corpora: list[Corpus],
) -> None:
    charts = all_measured(finished(corpora, saying(0), "classes")).charts["classes"]
    for split, pitches in (("learnt", LEARNT), ("unseen", UNSEEN)):
        rows, chart = characters(pitches)[:, 0].tolist(), charts[split]
        assert chart["symbols"] == [CHARACTERS.vocabulary.fields[0].show(one) for one in sorted(set(rows))]
        assert chart["there"] == [rows.count(one) for one in sorted(set(rows))]
        assert (chart["said"][0], sum(chart["said"])) == (len(rows), len(rows))
        assert (chart["right"][0], sum(chart["right"])) == (rows.count(0), rows.count(0))


def test_classes_are_averaged_over_what_occurs_or_is_said(corpora: list[Corpus]) -> None:
    separator = 0  # after each note but the last
    scores = measured(finished(corpora, saying(separator), "classes"))
    for split, pitches in (("learnt", LEARNT), ("unseen", UNSEEN)):
        rows = characters(pitches)[:, 0].tolist()
        share, classes = rows.count(separator) / len(rows), len(set(rows))
        assert 0.4 < share < 0.5
        precision, recall = share / classes, 1 / classes  # right for one class, never for the others
        assert [scores[f"{split}_{name}"] for name in ("accuracy", "precision", "recall", "f1")] == [
            pytest.approx(figure)
            for figure in (share, precision, recall, 2 * precision * recall / (precision + recall))
        ]


def test_distributions_are_compared_with_those_of_unseen_pieces(corpora: list[Corpus]) -> None:
    score = characters(UNSEEN)
    alike = measured(finished(corpora, Player(np.concatenate([score, [[0]]])), "distribution"))
    assert alike["pitch_overlap"] == alike["gap_overlap"] == alike["length_overlap"] == 1.0
    # 3 in 32 of each white key is learnt, and of 17 unseen ones 3 are C, 3 are D, 1 the upper C and 2 each
    # other
    common = 2 * min(3 / 32, 3 / 17) + min(3 / 32, 1 / 17) + 5 * min(3 / 32, 2 / 17)
    assert alike["real_pitch_overlap"] == pytest.approx(common, abs=1e-4)
    assert alike["real_length_overlap"] == 1.0
    # of gaps 1 in 32 and 1 in 17 is none, before the first note
    assert alike["real_gap_overlap"] == pytest.approx(1 / 32 + 16 / 17, abs=1e-4)
    higher = measured(
        finished(corpora, Player(np.concatenate([score + 24 * (score > 0), [[0]]])), "distribution")
    )
    assert higher["pitch_overlap"] == 0.0
    assert higher["gap_overlap"] == 1.0
    # of 50 pieces that are all the same the range is a point, and one piece of people has none
    found = all_measured(finished(corpora, Player(np.concatenate([score, [[0]]])), "distribution"))
    assert found.ranges == {f"{field}_overlap": (1.0, 1.0) for field in ("pitch", "gap", "length")}
    silent = not_defined(finished(corpora, Player(np.array([[0]])), "distribution"))
    assert silent == dict.fromkeys(("pitch_overlap", "gap_overlap", "length_overlap"), "no note was drawn")


def test_what_is_drawn_is_set_beside_the_very_pieces_that_were_learnt(corpora: list[Corpus]) -> None:
    alike = all_measured(finished(corpora, Player(np.concatenate([characters(LEARNT), [[0]]])), "original"))
    far = [f"learnt_{name}" for name in ("distance", "pitch_distance", "gap_distance", "length_distance")]
    spread = ["two_commonest", "pitch_bits", "gap_bits", "length_bits"]
    names = [*far, *spread, "commonest", "notes", "length"]
    whole = [f"whole_{name}" for name in (*spread, "commonest")]
    itself = {f"real_{name}" for name in far}  # its beginning is all of the piece: no score, but nothing
    assert set(alike.values) == {*names, *(f"real_{name}" for name in names), *whole} - itself
    assert set(alike.undefined) == itself
    assert alike.values["learnt_distance"] == 0
    for share, name in ((3 / 32, "commonest"), (6 / 32, "two_commonest")):
        assert alike.values[name] == alike.values[f"real_{name}"] == alike.values[f"whole_{name}"] == share
    # 8 pitches of 3 in 32 and 8 of 1 in 32; of gaps 31 are alike, and the first note has none before it
    bits = 8 * 3 / 32 * math.log2(32 / 3) + 8 / 32 * math.log2(32)
    assert alike.values["pitch_bits"] == alike.values["whole_pitch_bits"] == pytest.approx(bits)
    assert alike.values["gap_bits"] == pytest.approx(31 / 32 * math.log2(32 / 31) + 5 / 32)
    assert alike.values["length_bits"] == 0
    assert alike.values["notes"] == alike.values["real_notes"] == pytest.approx(32 / (31 * HALF_BEAT_S))
    assert alike.values["length"] == pytest.approx(HALF_BEAT_S)
    assert set(alike.ranges) == set(names)  # one piece of people has no range
    assert sum(alike.charts["original"]["learnt"]["pitch"]["counts"]) == 32
    assert set(alike.charts["original"]) == {"drawn", "learnt"}
    one_pitch = np.concatenate([characters([60] * 16 + RISING), [[0]]])
    repeated = measured(finished(corpora, Player(one_pitch), "original"))
    assert (repeated["commonest"], repeated["two_commonest"]) == (17 / 24, 18 / 24)
    assert repeated["pitch_bits"] < alike.values["pitch_bits"]
    assert repeated["learnt_pitch_distance"] > 0.5
    silent = not_defined(finished(corpora, Player(np.array([[0]])), "original"))
    assert set(silent) == {*names, *itself}
    assert {silent[name] for name in names if name not in ("notes", "length")} == {"no note was drawn"}


def test_the_mode_is_the_share_of_white_keys_and_of_minor_pieces(corpora: list[Corpus]) -> None:
    quarter_black = [*RISING, 60, 62, 64, 65, 61, 63, 66, 68]
    score = np.concatenate([characters(quarter_black), [[0]]])
    figures = measured(finished(corpora, Player(score), "mode"))
    assert figures["in_scale"] == 0.75
    assert figures["real_in_scale"] == 1.0
    assert figures["minor"] == float(detect_key(melody(quarter_black).notes).is_minor)
    assert figures["by_frequency_in_scale"] == pytest.approx(24 / 32, abs=0.02)  # as LEARNT has them
    in_a_minor = [69, 71, 72, 74, 76, 77, 80, 81, 69, 76, 72, 69]
    figures = measured(finished(corpora, Player(np.concatenate([characters(in_a_minor), [[0]]])), "mode"))
    assert figures["minor"] == 1.0


def test_silence_has_no_mode(corpora: list[Corpus]) -> None:
    silent = finished(corpora, Player(np.array([[0]])), "mode")
    assert not_defined(silent) == {"in_scale": "no note sounds", "minor": "no note sounds"}


@pytest.mark.parametrize(
    ("pitches", "closes", "cadences"),
    [
        ([62, 64, 60], 1.0, 0.0),
        ([62, 67, 60], 1.0, 1.0),
        ([60, 64, 62], 0.0, 0.0),
        ([60, 64, 69], 1.0, 1.0),
        ([60, 60, 67], 0.0, 0.0),
    ],
)
def test_a_piece_closes_on_the_tonic_of_c_major_or_a_minor(
    corpora: list[Corpus], pitches: list[int], closes: float, cadences: float
) -> None:
    score = np.concatenate([characters(pitches), [[0]]])
    figures = measured(finished(corpora, Player(score), "endings", changes=AT_HOME))
    assert (figures["closes"], figures["real_closes"]) == (closes, 1.0)
    assert figures["seeded_closes"] == closes  # after two given rows it goes on as it does from nothing
    assert (figures["cadences"], figures["real_cadences"]) == (cadences, 0.0)  # the unseen piece: A, C


def test_of_a_chord_at_the_end_the_lowest_note_tells(corpora: list[Corpus]) -> None:
    for bass, closes in ((48, 1.0), (52, 0.0)):
        chord = Phrase.of(Note(0.0, pitch, 64, 0.5) for pitch in (bass, 60, 64))
        score = np.concatenate([CHARACTERS.encode(chord), [[0]]])
        found = measured(finished(corpora, Player(score), "endings", changes=AT_HOME))
        assert found["closes"] == closes


@pytest.mark.parametrize(
    "transforms", [[], [{"name": "home-key", "minor_to": "C"}]], ids=["in any key", "minor to C minor"]
)
def test_music_that_was_not_brought_home_has_no_endings(
    corpora: list[Corpus], transforms: list[dict[str, str]]
) -> None:
    run = finished(corpora, Player(characters([60])), "endings", changes={"data.transforms": transforms})
    found = all_measured(run)
    assert found.values == {}
    assert set(found.undefined) == {"closes", "cadences"}
    assert "home-key" in found.undefined["closes"]


def test_where_no_key_can_be_struck_again_nothing_repeats(corpora: list[Corpus]) -> None:
    chords = ChordEncoding().fitted([melody(RISING)])
    found = all_measured(finished(corpora, Player(np.array([[1]])), "transposed", encoding=chords))
    why = "chord writes a key that is struck again at once as one that sounds on"
    assert (found.undefined["repeats"], found.undefined["real_repeats"]) == (why, why)
    settings = RollModelSettings(trunk=RecurrentSettings(layers=1, width=4))
    for strikes in (False, True):
        model = roll_model.build(replace(settings, strikes=strikes), RollEncoding())
        found = all_measured(finished(corpora, model, "transposed", encoding=RollEncoding()))
        assert ("repeats" in found.undefined) != strikes
        assert ("real_repeats" in found.values) == strikes


def test_pieces_learnt_backwards_are_turned_round_before_it_is_heard_how_they_end(
    corpora: list[Corpus],
) -> None:
    from_c_to_d = np.concatenate([characters(list(reversed(UNSEEN))), [[0]]])
    backwards = {"data.transforms": [*AT_HOME["data.transforms"], {"name": "reverse"}]}
    run = finished(corpora, Player(from_c_to_d), "endings", changes=backwards)
    figures = measured(run)
    assert (figures["closes"], figures["real_closes"]) == (1.0, 1.0)
    figures = measured(finished(corpora, Player(from_c_to_d), "endings", changes=AT_HOME))
    assert (figures["closes"], figures["real_closes"]) == (0.0, 1.0)


@pytest.mark.parametrize("transforms", [[], AT_HOME["data.transforms"]], ids=["as it is", "at home"])
def test_music_learnt_backwards_is_judged_by_the_steps_of_music_learnt_forwards(
    corpora: list[Corpus], transforms: list[dict[str, str]]
) -> None:
    run = {
        turned: finished(
            corpora,
            Player(np.zeros((1, 2 * KEYS), np.int8)),
            "stages",
            encoding=RollEncoding(),
            changes={
                "data.transforms": [*transforms, *([{"name": "reverse"}] if turned else [])],
                "log.snapshots": [1.0],
            },
        )
        for turned in (False, True)
    }
    forwards = held_out_steps(run[False].unseen_forwards)
    assert np.array_equal(forwards, held_out_steps(run[True].unseen_forwards))
    assert not np.array_equal(forwards, held_out_steps(run[True].unseen))  # they were others once
    assert np.array_equal(forwards, held_out_steps(run[False].unseen))


def machine(pitches: Sequence[int]) -> Rbm:
    """A machine for which these pitches always sound, and no others."""
    model = Rbm(RbmSettings(steps=4, lowest=LOWEST_KEY, notes=KEYS, hidden=2))
    wanted = np.zeros(2 * KEYS)
    wanted[[pitch - LOWEST_KEY for pitch in pitches]] = 1
    with torch.no_grad():
        model.weights.zero_()
        model.visible_bias.copy_(torch.from_numpy(wanted)[model.columns].repeat(4) * 100 - 50)
    return model


def test_polish_tells_what_stays_of_pieces_and_of_damaged_ones(corpora: list[Corpus]) -> None:
    def polished(*pitches: int) -> dict[str, float]:
        return measured(finished(corpora, machine(pitches), "polish", encoding=RollEncoding()))

    all_of_them = polished(*RISING)
    kept = {"kept_step", "kept_window", "mended_step", "mended_window"}
    assert {name for name, value in all_of_them.items() if value == 1.0} == kept
    # of 34 sounding cells (17 notes of two steps) three are silenced and three others struck, which are taken
    # away again
    # unless they fall on one of the eight keys
    possible = [pytest.approx((31 + left) / 34) for left in range(4)]
    assert all_of_them["damaged_kept_step"] in possible[:3]
    assert all_of_them["damaged_kept_window"] == all_of_them["damaged_kept_step"]
    without_c = polished(*RISING[1:])  # C is 3 notes of 17
    assert without_c["kept_step"] == without_c["mended_window"] == pytest.approx(14 / 17)
    assert polished()["kept_window"] == 0.0


def rolls(*pitches: int) -> np.ndarray[Any, Any]:
    """One step after another in which these pitches sound."""
    roll = np.zeros((6, 2 * KEYS), np.uint8)
    roll[:, [pitch - LOWEST_KEY for pitch in pitches]] = 1
    return roll


def test_a_machine_that_gives_one_sequence_whatever_it_is_given_is_found_out() -> None:
    given = [rolls(60, 64), rolls(60, 67), rolls(72)]
    found = _whatever_the_input(machine([60, 62]), given, "window").values
    assert found["outs_alike_window"] == found["outs_alike_other_chance_window"] == 1.0
    # of two given pitches one comes back among two, of the single one none
    assert found["in_out_alike_window"] == pytest.approx((0.5 + 0.5 + 0) / 3)
    assert found["ins_alike_window"] == pytest.approx((0.5 + 0 + 0) / 3)
    alone = _whatever_the_input(machine([60]), given[:1], "step")
    assert alone.values == {"in_out_alike_step": pytest.approx(2 / 3)}
    assert "one piece" in alone.undefined["outs_alike_step"]


def test_measures_that_do_not_fit_the_model_are_not_defined_and_take_no_other_with_them(
    corpora: list[Corpus],
) -> None:
    found = all_measured(
        finished(corpora, Player(characters([60])), "polish", "classes", "temperatures", "test")
    )
    assert list(found.values) == ["test"]
    assert "'polish' fits models of kind rbm alone" in found.undefined["polish"]
    assert "'classes' fits models of kind symbol alone" in found.undefined["classes"]
    assert "models of kind symbol and step alone" in found.undefined["temperatures"]


def test_a_loss_that_is_no_number_is_no_figure(corpora: list[Corpus]) -> None:
    class Lost(Player):
        def surprise(self, read: Tensor, following: Tensor) -> Tensor:
            return super().surprise(read, following) * math.nan

    found = all_measured(finished(corpora, Lost(characters([60])), "test"))
    assert found.values == {}
    assert found.undefined == {"test": "it comes to nan, which is no number"}


def test_of_silence_nothing_can_be_kept() -> None:
    silent = np.zeros((4, 2 * KEYS), np.uint8)
    assert _kept([rolls(60)], [rolls(60)]) == 1.0
    with pytest.raises(Undefined, match="no note sounds"):
        _kept([silent], [rolls(60)[:4]])


def test_all_that_is_asked_for_is_measured_and_nothing_else(corpora: list[Corpus]) -> None:
    player = Player(np.concatenate([characters(UNSEEN), [[0]]]))
    assert measured(finished(corpora, player)) == {}
    asked_for = list(measured(finished(corpora, player, "distribution", "test")))
    assert asked_for[0] == "pitch_overlap"
    assert asked_for[-1] == "test"
