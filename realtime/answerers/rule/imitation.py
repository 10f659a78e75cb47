"""An answerer without a network: it imitates the call and varies it by rule.

The call's motifs come back in its key, moved along the scale, turned over, run backwards, decorated; rhythm,
loudness, hands and density stay the call's. It closes with a cadence, a little slower, on a chord of the
tonic. All chance is a function of (seed, turn, attempt). Must not know threads, ports or clocks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import fmean, median

from music.keys import Key, detect_key, scale_of
from music.notes import HIGHEST_KEY, LOWEST_KEY, KeyEvent, Note, NoteOff, NoteOn, Pedal
from music.phrase import Phrase, each_key_once, events_of, pedal_folded, phrase_of
from realtime.answerers.answerer import AnswerEvents
from realtime.answerers.bounds import bounds_for
from realtime.answerers.rule.motifs import Moment, Motif, motifs_of, usual_gap_s
from realtime.answerers.rule.variations import (
    Scale,
    agreeing,
    backwards,
    decorated,
    moved,
    never_silent_for_longer,
    no_fuller,
    refreshed,
    thinned,
    turned_over,
)
from realtime.answerers.steering import Steering
from realtime.knobs import DEFAULT_KNOBS, Knobs
from realtime.performer.actions import Request

REMEMBERED_S = 30.0  # the end of a long call is what is answered
FIRST_ONSET_S = 0.01  # after the hand-over: in the future when it arrives
LONGEST_WAIT_S = 0.25  # for the call's pulse, before the first onset
SLOWING = 0.18  # the end lasts this share longer
RANGE_SLACK = 7  # semitones beyond the call's own range


@dataclass(frozen=True, slots=True)
class Imitation:
    """Imitates and varies the call by rule. Temperature is how far: 0 hardly, 1 freely, 2 wildly."""

    seed: int

    @property
    def name(self) -> str:
        """What it is, for the line at start and for the take."""
        return "none: imitates and varies your phrase by rule"

    @property
    def device(self) -> str:
        """No network, so no device."""
        return "none"

    def hear(self, call: tuple[KeyEvent, ...]) -> None:
        """Nothing to get ready: a whole phrase is worked out in a millisecond or so."""

    def expect(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> None:
        """Nothing to think of before it is asked."""

    def think(self) -> bool:
        """It never has to."""
        return False

    def answer(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> AnswerEvents:
        """The answer, worked out at once by the knobs as they stand at first, and given event by event."""
        chance = Random(f"{self.seed}/{request.turn}/{request.attempt}")
        call = _heard(request)
        if not call:
            return
        like = Steering.of(knobs, request.already).of_call(call)
        key = detect_key(call)
        notes = _Composer(like, key, request.length_s, knobs.temperature, chance).answer()
        begins = request.starts_after + _wait_s(request, call)
        for event in events_of(Phrase.of(notes).moved(begins)):
            if not isinstance(event, Pedal):
                yield event

    def sketch(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Iterator[NoteOn | NoteOff]:
        """The answer: it needs no time to think."""
        return self.answer(request, knobs)

    def ready(self, request: Request, knobs: Knobs = DEFAULT_KNOBS) -> Sequence[Note]:
        """The answer."""
        return phrase_of(tuple(self.answer(request, knobs))).notes

    def likely_keys(self) -> Mapping[int, float]:
        """It expects nothing: it looks back alone."""
        return {}


def _heard(request: Request) -> list[Note]:
    """The call as it sounded, the pedal folded in, from second 0; of a long one the end."""
    notes = pedal_folded(phrase_of(request.call)).notes
    if not notes:
        return []
    begin = next(note.at for note in notes if note.at >= notes[-1].at - REMEMBERED_S)
    return [replace(note, at=note.at - begin) for note in notes if note.at >= begin]


def _wait_s(request: Request, call: Sequence[Note]) -> float:
    """Until the first onset: the next beat of the call's pulse, halved until none is far away."""
    pulse = min(max(usual_gap_s(call), 0.1), 1.0)
    while pulse > LONGEST_WAIT_S:
        pulse /= 2
    ended = max(note.until for note in call)
    since_onset = ended - call[-1].at + request.gap_at_least_s
    missing = -(since_onset + FIRST_ONSET_S) % pulse
    return FIRST_ONSET_S + missing


class _Composer:
    """One answer to one call; used once."""

    def __init__(
        self, call: Sequence[Note], key: Key, length_s: float, temperature: float, chance: Random
    ) -> None:
        self.call = call
        self.scale = Scale.of(key)
        self.temperature = temperature
        self.chance = chance
        self.bounds = bounds_for(call)
        self.motifs = _no_longer_held(motifs_of(call), self.bounds.gap_s / (1 + SLOWING))
        self.gap_s = usual_gap_s(call)
        self.lowest = max(min(note.pitch for note in call) - RANGE_SLACK, LOWEST_KEY)
        self.highest = min(max(note.pitch for note in call) + RANGE_SLACK, HIGHEST_KEY)
        self.last_s = min(max(2 * self.gap_s, 0.5), 2.0, length_s * 0.35)
        self.body_s = length_s - self.last_s

    def answer(self) -> list[Note]:
        """The notes from second 0, by onset."""
        motifs = self._varied()
        upper, lower = _laid_out(motifs)
        last_at = self._unslowed_s - min(0.5 * self.gap_s, 0.1)  # later, it would blur the closing chord
        upper = [moment for moment in upper if moment.at < last_at]
        lower = [moment for moment in lower if moment.at < last_at]
        upper, lower = self._cadence(upper, lower)
        notes = [note for moment in upper + lower for note in _sounding(moment)]
        played = sorted((self._played(note) for note in notes), key=lambda note: (note.at, note.pitch))
        fewer = no_fuller(played, self.bounds.in_a_second, self.bounds.at_once)
        fresh = each_key_once(refreshed(fewer, self.bounds.repetitions, self.scale))
        return self._as_loud_as_the_call(never_silent_for_longer(fresh, self.bounds.silence_s))

    def _as_loud_as_the_call(self, notes: list[Note]) -> list[Note]:
        """On the whole: which motifs came back, loud ones or soft ones, was chance."""
        wanted = fmean(note.velocity for note in self.call)
        scale = wanted / fmean(note.velocity for note in notes)
        return [replace(note, velocity=min(max(round(note.velocity * scale), 1), 127)) for note in notes]

    @property
    def _slow_s(self) -> float:
        return min(self.body_s * 0.3, 2.5)

    @property
    def _unslowed_s(self) -> float:
        """How long the body would be without the slowing at its end."""
        return self.body_s - SLOWING * self._slow_s

    def _varied(self) -> list[Motif]:
        """Motifs, varied, until the body is full: the first to be known again, the others freer."""
        made: list[Motif] = []
        filled, place = 0.0, 0
        while filled < self._unslowed_s:
            motif = self._variation(self.motifs[place % len(self.motifs)], len(made), _last_top(made))
            made.append(motif)
            filled += max(motif.length_s, 0.05)
            place += self.chance.random() >= 0.25 * min(
                self.temperature, 1.5
            )  # else the same again: a sequence
        return made

    def _variation(self, motif: Motif, place: int, before: int | None) -> Motif:
        chance, freedom = self.chance, self.temperature
        if chance.random() < (0.45 if place > 0 else 0.2) * freedom:
            motif = turned_over(motif, self.scale) if chance.random() < 0.6 else backwards(motif)
        motif = moved(motif, self.scale, self._steps(motif, place, before))
        if chance.random() < 0.6 * freedom:
            motif = decorated(motif, self.scale, chance, 0.2 + 0.1 * freedom)
        if chance.random() < 0.5 * freedom:
            motif = thinned(motif, chance, 0.06 + 0.05 * freedom)
        return agreeing(motif, self.scale)

    def _steps(self, motif: Motif, place: int, before: int | None) -> int:
        """How far to move a motif: near the note before and the call's own height, but not where it was."""
        moments = motif.upper or motif.lower
        if not moments:
            return 0
        first = moments[0].top.pitch
        height = sum(note.pitch for note in self.call) / len(self.call)
        own = sum(moment.top.pitch for moment in moments) / len(moments)
        candidates = [-4, -3, -2, -1, 1, 2, 3, 4] if place == 0 else [-4, -3, -2, -1, 0, 1, 2, 3, 4]

        def cost(steps: int) -> float:
            leap = abs(self.scale.moved(first, steps) - before) if before is not None else abs(steps)
            strays = abs(self.scale.moved(round(own), steps) - max(height, own - 5))
            return leap + 0.5 * strays + self.chance.random() * (3 + 9 * self.temperature)

        return min(candidates, key=cost)

    def _cadence(self, upper: list[Moment], lower: list[Moment]) -> tuple[list[Moment], list[Moment]]:
        """The body's last notes lean on the dominant; then a tonic chord, in the call's own texture."""
        tonic_chord, dominant = self._chord(0), self._chord(4)
        ends = self._unslowed_s
        if len(upper) > 1:
            upper[-1] = self._snapped(upper[-1], dominant)
        if len(lower) > 1:
            lower[-1] = self._snapped(lower[-1], dominant, bass=scale_of(self.scale.key)[4])
        last_upper = self._last(upper, tonic_chord, ends)
        last_lower = self._last(lower, tonic_chord, ends, bass=self.scale.key.tonic)
        return _until(upper, ends) + last_upper, _until(lower, ends) + last_lower

    def _chord(self, degree: int) -> tuple[int, int, int]:
        steps = scale_of(self.scale.key)
        root, third, fifth = (steps[(degree + above) % 7] for above in (0, 2, 4))
        raised = self.scale.key.is_minor and degree == 4  # the leading note of a minor key
        return root, (third + raised) % 12, fifth

    def _snapped(self, moment: Moment, chord: Sequence[int], bass: int | None = None) -> Moment:
        pitches = [self.scale.nearest(note.pitch, chord) for note in moment.notes]
        if bass is not None:
            pitches[0] = self.scale.nearest(moment.notes[0].pitch, (bass,))
        notes = [replace(note, pitch=pitch) for note, pitch in zip(moment.notes, pitches, strict=True)]
        return replace(moment, notes=tuple(sorted(notes, key=lambda note: note.pitch)))

    def _last(
        self, hand: list[Moment], chord: tuple[int, int, int], at: float, bass: int | None = None
    ) -> list[Moment]:
        """The hand's closing note or chord: as many notes as usual, the tune or bass on its place."""
        if not hand:
            return []
        size = sorted(len(moment.notes) for moment in hand)[len(hand) // 2]
        velocity = max(round(sum(m.top.velocity for m in hand[-4:]) / len(hand[-4:]) * 0.92), 1)
        if bass is None:
            top = self._closing_tone(hand[-1].top.pitch, chord)
        else:
            top = self.scale.nearest(round(median(moment.notes[0].pitch for moment in hand)), (bass,))
        pitches = [top]
        while len(pitches) < min(size, 4):
            outward = pitches[-1] - 1 if bass is None else pitches[-1] + 1
            direction = -1 if bass is None else 1
            while outward % 12 not in chord:
                outward += direction
            pitches.append(outward)
        notes = [Note(0.0, pitch, velocity, self.last_s) for pitch in sorted(set(pitches))]
        return [Moment(at, self.last_s, tuple(notes))]

    def _closing_tone(self, before: int, chord: tuple[int, int, int]) -> int:
        """The tonic, unless the third or fifth lies a good deal nearer."""
        root, third, fifth = chord
        by_cost = {root: 0, third: 2, fifth: 4}
        near = range(before - 7, before + 8)
        return min(
            (pitch for pitch in near if pitch % 12 in by_cost),
            key=lambda pitch: abs(pitch - before) + by_cost[pitch % 12] + 3 * (pitch == before),
        )

    def _played(self, note: Note) -> Note:
        """A note at its place in the slowing, within the call's range, with the phrase's swell."""
        at, until = self._slowed(note.at), self._slowed(note.until)
        through = min(max(at / max(self.body_s, 0.1), 0.0), 1.0)
        swell = 0.95 + 0.1 * (1 - abs(2 * through - 1.2))
        velocity = min(max(round(note.velocity * swell + self.chance.uniform(-3, 3)), 1), 127)
        return Note(at, self._in_range(note.pitch), velocity, max(until - at, 0.03))

    def _slowed(self, at: float) -> float:
        begins = self._unslowed_s - self._slow_s
        if at <= begins:
            return max(at, 0.0)
        into = at - begins
        if into >= self._slow_s:
            return at + SLOWING * self._slow_s
        return at + SLOWING * into * into / self._slow_s

    def _in_range(self, pitch: int) -> int:
        while pitch > self.highest and pitch - 12 >= self.lowest:
            pitch -= 12
        while pitch < self.lowest and pitch + 12 <= self.highest:
            pitch += 12
        return min(max(pitch, LOWEST_KEY), HIGHEST_KEY)


def _no_longer_held(motifs: Sequence[Motif], longest_gap_s: float) -> list[Motif]:
    """The motifs, the next one after the last of them no later than this after its last onset: a chord may
    have been held for a minute."""
    *earlier, last = motifs
    onset = max(moment.at for moment in (*last.upper, *last.lower))
    return [*earlier, replace(last, length_s=min(last.length_s, onset + longest_gap_s))]


def _laid_out(motifs: Sequence[Motif]) -> tuple[list[Moment], list[Moment]]:
    """Motifs one after the other: the moments of each hand, in seconds from the first."""
    upper: list[Moment] = []
    lower: list[Moment] = []
    at = 0.0
    for motif in motifs:
        upper.extend(replace(moment, at=moment.at + at) for moment in motif.upper)
        lower.extend(replace(moment, at=moment.at + at) for moment in motif.lower)
        at += motif.length_s
    return upper, lower


def _last_top(motifs: Sequence[Motif]) -> int | None:
    tops = [moment.top.pitch for motif in motifs for moment in motif.upper or motif.lower]
    return tops[-1] if tops else None


def _until(hand: list[Moment], ends: float) -> list[Moment]:
    """The hand with nothing ringing into the closing chord."""
    return [
        replace(
            moment,
            notes=tuple(
                replace(note, length_s=max(min(note.length_s, ends - moment.at - note.at), 0.03))
                for note in moment.notes
            ),
        )
        for moment in hand
    ]


def _sounding(moment: Moment) -> list[Note]:
    return [replace(note, at=moment.at + note.at) for note in moment.notes]
