"""What a recipe can ask to be measured of a run when it is done, each by its name.

    test            how surprised it is by pieces that it never saw, and how much of them is unknown to it
    baselines       how surprised by them are the model as it began, and what counting in the pieces for train
                    knows: of symbols their frequency (E7), of rolls each key's frequency and its bigram
    by-heart        how much of what it learnt it rebuilds by always taking the likeliest (A5, A6)
    classes         accuracy, precision, recall and F1 over symbols, and class by class (D5)
    distribution    how alike the notes that it draws are to those of unseen pieces, with ranges; and how
                    alike the pieces for train are to those
    likeness        how far its pieces lie from the whole corpus, beside unseen pieces: histograms,
                    overlapping area, entropy, groove, self-similarity, quotations (A11, B6)
    original        how far its pieces lie from the pieces that it learnt, how many notes a second they have,
                    how long these sound, how much of them is one pitch, or two, and how widely pitches, gaps
                    and lengths spread (A9, A10)
    stages          sampling likelihood, sparsity and measures of music at each snapshot (C1, C8, C9)
    prompted        what it plays after the beginning of a piece, beside what it plays from nothing (D6)
    after-learnt    what it plays after rows of the pieces that it learnt: how like the corpus it is, and how
                    much of it is quoted, beside what follows these rows in their pieces (B6)
    temperatures    how far its pieces lie from the corpus at eight temperatures, and how much of them is one
                    pitch (A7)
    transposed      how surprised it is by unseen pieces moved by one to six semitones either way, and how
                    often it strikes a key again at once (C2)
    mode            which share of its drawn notes lies in C major's scale, and of unseen pieces' notes; which
                    share of its pieces is minor; both beside drawings by frequency (C4)
    endings         how often its drawn pieces end on the tonic, and how often the bass comes there from the
                    fifth, from nothing and begun with a chord of people's; and unseen pieces do (C5)
    polish          what the windowed Boltzmann machine leaves unchanged of unseen pieces, as they are and
                    damaged; whether it gives back what it is given, or the same whatever it is given (C7)

What a run can't have is not defined, with the reason, and never a zero. Must not know how a run learnt.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from functools import partial
from itertools import combinations
from statistics import fmean
from typing import NamedTuple

import numpy as np
import torch

from evaluation.answering.distributions import Counts, overlaps
from evaluation.baselines.chord import SameAgain
from evaluation.baselines.roll import nats_a_step
from evaluation.likeness.chamfer import with_controls
from evaluation.likeness.defined import Figures, Undefined
from evaluation.likeness.endings import endings_of, share_closing, share_of_cadences
from evaluation.likeness.histograms import histograms_of
from evaluation.likeness.intervals import interval, spread_over
from music.keys import detect_key
from music.notes import KEYS, Note
from music.phrase import Phrase
from music.settings import SettingError
from pieces.music import Music, Rows
from pieces.reversal import reversed_in_time
from pieces.token_pieces import encode_pieces
from pieces.transforms import HomeKey, InTurn, Transpose
from training.experiments import likeness, stages
from training.experiments.classes import classes_counted
from training.experiments.finished import ROWS, SEED, Finished
from training.learning.validation import validated
from training.models.drawing import Drawing
from training.models.rolls.rbm import Rbm, refine, unchanged_share
from training.models.rolls.roll_model import ROW, RollModel
from training.opened_run import untrained
from training.playing.by_frequency import Frequencies
from training.playing.generation import learns_backwards, rebuilt, share_in_place

_WHITE_KEYS = (0, 2, 4, 5, 7, 9, 11)
_HEARD = 20  # rows that are given when a melody is rebuilt
_SEEDED = 2  # rows of a piece that a drawn one begins with: a chord, so that what leads to it is drawn
_DAMAGED = 0.1  # share of sounding cells that are silenced, as many others struck
_FARTHEST = 6  # semitones that unseen pieces are moved by, either way


def measured(finished: Finished) -> Figures:
    """All that its recipe asks for; a measure that the run can't have takes no other one with it."""
    figures = Figures()
    for name in finished.made.recipe.log.measures:
        try:
            figures.add(_MEASURES[name](finished))
        except SettingError as reason:
            figures.undefined[name] = str(reason)
    return figures


def _test(finished: Finished) -> Figures:
    made = finished.made
    found = validated(made.model, made.recipe, finished.unseen, next(made.model.parameters()).device)
    figures = Figures({"test": float(found["loss"])})
    if "unknown" in found:
        figures.values["test_unknown"] = float(found["unknown"])
    return figures


def _baselines(finished: Finished) -> Figures:
    made = finished.made
    began = untrained(made.recipe, made.encoding, next(made.model.parameters()).device)
    as_it_began = replace(finished, made=replace(made, model=began))
    figures = Figures({"untrained": _test(as_it_began).values["test"]})
    sizes = made.encoding.vocabulary.sizes
    learnt, unseen = _whole(finished.learnt), _whole(finished.unseen)
    if len(sizes) == 1:
        rule = SameAgain.of(learnt, sizes[0])
        figures.values["by_frequency"] = rule.frequencies.nats_a_token(unseen)
        figures.values["same_again"] = rule.nats_a_token(unseen)
    elif sizes == (2,) * ROW:
        counted = nats_a_step([roll[:, :KEYS] for roll in learnt], [roll[:, :KEYS] for roll in unseen])
        figures.values |= asdict(counted)
    else:
        figures.undefined["by_frequency"] = f"a row of {made.encoding.name} is neither a symbol nor a roll"
    return figures


def _whole(music: Music) -> list[Rows]:
    return [music.rows(number, 0, music.length(number)) for number in range(len(music))]


def _by_heart(finished: Finished) -> Figures:
    made, rows = finished.made, finished.learnt.rows(0, 0, finished.learnt.length(0))
    if len(rows) <= _HEARD:
        reason = f"the melody has {len(rows)} rows, of which {_HEARD} are given, so none is left to rebuild"
        return Figures(undefined=dict.fromkeys(("right", "chamfer"), reason))
    played = rebuilt(made.model, rows, given=_HEARD, memory=finished.memory)
    others = encode_pieces(finished.corpora, made.encoding, "validation", made.recipe.data.transform)
    unrelated = made.encoding.decode(others.rows(0, 0, len(rows)))
    figures = with_controls(made.encoding.decode(played), made.encoding.decode(rows), unrelated)
    figures.values["right"] = share_in_place(played, rows, given=_HEARD)
    rebuilt_roll, wanted = (_on_the_roll(made.encoding.decode(some)) for some in (played, rows))
    figures.charts["by_heart"] = {"rebuilt": rebuilt_roll, "wanted": wanted}
    return figures


def _on_the_roll(phrase: Phrase) -> list[tuple[float, float, int]]:
    """Notes as a piano roll draws them: from, to, pitch."""
    return [(round(note.at, 3), round(note.until, 3), note.pitch) for note in phrase.notes]


def _classes(finished: Finished) -> Figures:
    made, most = finished.made, finished.made.recipe.log.validation_rows
    by_split = {
        "learnt": classes_counted(made.model, finished.learnt, most),
        "unseen": classes_counted(made.model, finished.unseen, most),
    }
    figures = Figures(
        {
            f"{split}_{name}": value
            for split, counted in by_split.items()
            for name, value in counted.scores().items()
        }
    )
    (field,) = made.encoding.vocabulary.fields
    figures.charts["classes"] = {split: counted.chart(field.show) for split, counted in by_split.items()}
    return figures


def _distribution(finished: Finished) -> Figures:
    unseen = histograms_of(finished.phrases(finished.unseen))
    sets = {"": finished.drawn, "real_": finished.phrases(finished.learnt)}
    why_not = {"": "no note was drawn", "real_": "no piece has a note"}
    figures = Figures()
    for ahead, phrases in sets.items():
        each = [histograms_of([phrase]) for phrase in phrases if phrase.notes]
        for field in ("pitch", "gap", "length"):
            shared = partial(_shared, unseen=unseen, field=field, why_not=why_not[ahead])
            figures.put(f"{ahead}{field}_overlap", partial(shared, each))
            figures.put_range(f"{ahead}{field}_overlap", partial(interval, each, shared))
    return figures


def _shared(each: Sequence[Counts], unseen: Counts, field: str, why_not: str) -> float:
    """How much the notes of pieces together have in common with those of unseen ones, by one field."""
    if not each:
        raise Undefined(why_not)
    return _defined(overlaps(likeness.pooled(each), unseen)[field], why_not)


def _transposed(finished: Finished) -> Figures:
    figures, made, unknown = Figures(), finished.made, list[float]()
    moves = [*range(-_FARTHEST, 0), *range(1, _FARTHEST + 1)]
    device = next(made.model.parameters()).device
    for semitones in moves:
        moved = InTurn((*made.recipe.data.transform.transforms, Transpose(semitones)))
        music = encode_pieces(finished.corpora, made.encoding, "test", moved)
        found = validated(made.model, made.recipe, music, device)
        figures.values[f"moved_{semitones:+}"] = float(found["loss"])
        if "unknown" in found:
            unknown.append(float(found["unknown"]))
    figures.values["moved"] = fmean(figures.values.values())
    if unknown:
        figures.values["moved_unknown"] = fmean(unknown)
    if reason := _why_no_repeats(finished):
        figures.undefined |= dict.fromkeys(("repeats", "real_repeats"), reason)
        return figures
    figures.put("repeats", lambda: _repeats(finished.drawn))
    figures.put("real_repeats", lambda: _repeats(finished.phrases(finished.unseen)))
    return figures


def _why_no_repeats(finished: Finished) -> str:
    """Why no key can be struck again while it sounds, in what the model draws; nothing where one can."""
    model, encoding = finished.made.model, finished.made.encoding
    if isinstance(model, RollModel) and not model.settings.strikes:
        return "its model says which keys sound and not which are struck (model.strikes)"
    twice = Phrase.of([Note(0.0, 60, 64, 1.0), Note(1.0, 60, 64, 1.0)])
    knowing = encoding if encoding.symbols_learnt is None else encoding.fitted([twice])
    if len(knowing.decode(knowing.encode(twice)).notes) < 2:
        return f"{encoding.name} writes a key that is struck again at once as one that sounds on"
    return ""


def _repeats(phrases: Iterable[Phrase]) -> float:
    """The share of notes whose key sounded until just then."""
    struck = again = 0
    for phrase in phrases:
        until: dict[int, float] = {}
        for note in phrase.notes:
            again += abs(until.get(note.pitch, -1.0) - note.at) < 1e-3
            until[note.pitch] = note.until
        struck += len(phrase.notes)
    return _share(again, struck)


def _mode(finished: Finished) -> Figures:
    figures = Figures()
    sets = {"": finished.drawn, "real_": finished.phrases(finished.unseen)}
    if Frequencies.fits(finished.made.encoding):
        counted = Frequencies.of(finished.made.encoding, finished.learnt)
        sets["by_frequency_"] = [
            finished.made.encoding.decode(counted.rows(ROWS, SEED + number))
            for number in range(finished.count)
        ]
    for ahead, phrases in sets.items():
        each = [_modal(phrase) for phrase in phrases if phrase.notes]  # once, for a range draws them often
        for name, figure in (("in_scale", _share_in_scale), ("minor", _share_minor)):
            figures.put(f"{ahead}{name}", partial(figure, each))
            figures.put_range(f"{ahead}{name}", partial(interval, each, figure))
    return figures


class _Modal(NamedTuple):
    """What a piece's mode is heard by: its notes, those on white keys, and the key that is detected in it."""

    notes: int
    white: int
    is_minor: bool


def _modal(phrase: Phrase) -> _Modal:
    white = sum(note.pitch % 12 in _WHITE_KEYS for note in phrase.notes)
    return _Modal(len(phrase.notes), white, detect_key(phrase.notes).is_minor)


def _share_in_scale(pieces: Sequence[_Modal]) -> float:
    return _share(sum(piece.white for piece in pieces), sum(piece.notes for piece in pieces))


def _share_minor(pieces: Sequence[_Modal]) -> float:
    return _share(sum(piece.is_minor for piece in pieces), len(pieces))


def _endings(finished: Finished) -> Figures:
    """Pieces of a run that learnt them backwards are turned round first. Such a run goes on from the last
    chords of pieces, where others go on from their first ones: on which note it ends then, people chose."""
    if reason := _why_no_tonic(finished):
        return Figures(undefined={"closes": reason, "cadences": reason})
    unseen, decode = finished.unseen, finished.made.encoding.decode
    long_enough = [number for number in range(len(unseen)) if unseen.length(number) >= _SEEDED]
    seeds = [unseen.rows(number, 0, _SEEDED) for number in spread_over(long_enough, finished.count)]
    sets = {
        "": finished.drawn,
        "seeded_": [
            decode(np.concatenate(both))
            for both in zip(seeds, finished.rows_after(seeds, ROWS, Drawing()), strict=True)
        ],
        "real_": [decode(unseen[number]) for number in range(len(unseen))],
    }
    turned, figures = learns_backwards(finished.made.recipe), Figures()
    for ahead, phrases in sets.items():
        heard = endings_of(reversed_in_time(phrase) if turned else phrase for phrase in phrases)
        for name, figure in (("closes", share_closing), ("cadences", share_of_cadences)):
            figures.put(f"{ahead}{name}", partial(figure, heard))
            figures.put_range(f"{ahead}{name}", partial(interval, heard, figure))
    return figures


def _why_no_tonic(finished: Finished) -> str:
    """Why no bass is the tonic: pieces in any key have as many; nothing where music was brought home."""
    brought = [one for one in finished.made.recipe.data.transform.transforms if isinstance(one, HomeKey)]
    if brought and brought[-1].minor_to == "A":
        return ""
    return (
        "an ending is on C or A, of music that was brought to C major or A minor, and this was not; say "
        'data.transforms=[{name="home-key"}]'
    )


def _polish(finished: Finished) -> Figures:
    model = finished.made.model
    if not isinstance(model, Rbm):
        raise SettingError("the measure 'polish' fits models of kind rbm alone")
    unseen = finished.unseen
    numbers = spread_over(range(len(unseen)), 4)
    rolls = [unseen.rows(number, 0, 128) for number in numbers]
    figures = Figures()
    for way in ("step", "window"):
        chance = torch.Generator(model.weights.device).manual_seed(SEED)
        for name, before in (("kept", rolls), ("damaged_kept", [_damaged(roll) for roll in rolls])):
            after = [refine(roll, model, way, 1, chance) for roll in before]
            figures.put(f"{name}_{way}", partial(_kept, before, after))
            if name == "damaged_kept":
                figures.put(f"mended_{way}", partial(_kept, rolls, after))
        figures.add(_whatever_the_input(model, rolls, way))
    return figures


def _whatever_the_input(model: Rbm, rolls: Sequence[Rows], way: str) -> Figures:
    """How alike outputs are to their inputs, and outputs of different inputs to one another, made with the
    same random numbers and with others; and the inputs to one another."""

    def refined(roll: Rows, seed: int) -> Rows:
        return refine(roll, model, way, 1, torch.Generator(model.weights.device).manual_seed(seed))

    same = [refined(roll, SEED) for roll in rolls]
    others = [refined(roll, SEED + number) for number, roll in enumerate(rolls)]
    figures = Figures()
    figures.put(f"in_out_alike_{way}", lambda: fmean(map(_alike, rolls, same)))
    figures.put(f"outs_alike_{way}", lambda: _alike_in_pairs(same))
    figures.put(f"outs_alike_other_chance_{way}", lambda: _alike_in_pairs(others))
    figures.put(f"ins_alike_{way}", lambda: _alike_in_pairs(rolls))
    return figures


def _alike_in_pairs(rolls: Sequence[Rows]) -> float:
    if len(rolls) < 2:
        raise Undefined("there is one piece, so none to compare it with")
    return fmean(_alike(one, other) for one, other in combinations(rolls, 2))


def _alike(one: Rows, other: Rows) -> float:
    """Twice the cells that sound in both, over the cells that sound in either (Dice)."""
    steps = min(len(one), len(other))
    ours, theirs = (roll[:steps, :KEYS] > 0 for roll in (one, other))
    sounding = int(ours.sum() + theirs.sum())
    return _share(2 * int((ours & theirs).sum()), sounding)


def _kept(before: Sequence[Rows], after: Sequence[Rows]) -> float:
    return _defined(unchanged_share(np.concatenate(before), np.concatenate(after)).sounding, "no note sounds")


def _damaged(roll: Rows) -> Rows:
    """A share of its sounding cells silent, and as many silent ones sounding."""
    chance, damaged = np.random.default_rng(SEED), roll.copy()
    keys = damaged[:, : roll.shape[1] // 2]
    for is_sounding in (1, 0):
        cells = np.argwhere(roll[:, : keys.shape[1]] == is_sounding)
        count = int(_DAMAGED * np.sum(roll[:, : keys.shape[1]]))
        chosen = cells[chance.choice(len(cells), count, replace=False)]
        keys[chosen[:, 0], chosen[:, 1]] = 1 - is_sounding
    return damaged


def _share(some: int, of: int) -> float:
    if not of:
        raise Undefined("no note sounds")
    return some / of


def _defined(value: float | None, why_not: str) -> float:
    if value is None:
        raise Undefined(why_not)
    return value


_MEASURES: dict[str, Callable[[Finished], Figures]] = {
    "test": _test,
    "baselines": _baselines,
    "by-heart": _by_heart,
    "classes": _classes,
    "distribution": _distribution,
    "likeness": likeness.likeness,
    "original": likeness.original,
    "stages": stages.stages,
    "prompted": likeness.prompted,
    "after-learnt": likeness.after_learnt,
    "temperatures": likeness.temperatures,
    "transposed": _transposed,
    "mode": _mode,
    "endings": _endings,
    "polish": _polish,
}
