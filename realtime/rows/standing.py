"""Where the controls stand, as rows have it. Knows rules and knobs."""

from typing import Any

from realtime.knobs import CHANNEL, KNOBS, MODE, MUTE, NEXT, PAUSE, SAME, SPLIT, TEMPO
from realtime.performer.player.split import UNSPLIT
from realtime.performer.rules import DEFAULT_RULES, Rules

SILENCE = "silence"  # seconds, where it was fixed
WITHIN = "answer-within"  # seconds
LIMITS = "limits"  # lowest, highest, loudest, notes in a second, voices, what is kept to, longest note
TRADED = "bars"  # how many, of how many beats


def controls_standing(rules: Rules) -> dict[str, Any]:
    """The controls, and the bounds of an answer in seconds, whatever share of the call it takes."""
    return {
        "controls": controls_of(rules),
        "answer_within_s": [rules.shortest_answer_s, rules.longest_answer_s],
    }


def controls_said(rules: Rules) -> str:
    """The controls and the bounds of an answer in one line, which `realtime/kept/` reads again."""
    standing = [f"{name} {value}" for name, value in controls_of(rules).items()]
    bounds = f"{WITHIN} {rules.shortest_answer_s}-{rules.longest_answer_s}"
    bars = f"{TRADED} {rules.bars}x{rules.beats_in_a_bar}"
    silence = [] if rules.fixed_silence_s is None else [f"{SILENCE} {rules.fixed_silence_s}"]
    return ", ".join([*standing, *silence, bounds, bars, *_limits_said(rules)])


def _limits_said(rules: Rules) -> list[str]:
    """The limits, where there are any."""
    limits = rules.limits
    if limits.are_none and rules.longest_note_s == DEFAULT_RULES.longest_note_s:
        return []
    numbers = (limits.lowest, limits.highest, limits.loudest, limits.notes_in_a_second, limits.voices)
    return [f"{LIMITS} {' '.join(map(str, numbers))} {limits.keeping.value} {rules.longest_note_s}"]


def controls_of(rules: Rules) -> dict[str, float | str]:
    """The controls that rules come from, by name."""
    channel: float | str = NEXT if rules.channel is None else rules.channel + 1
    knobs: dict[str, float | str] = {name: getattr(rules.knobs, name) for name in KNOBS}
    choices: dict[str, float | str] = {
        CHANNEL: SAME if rules.shares_channel else channel,
        MODE: rules.mode.value,
        MUTE: int(rules.is_muted),
        TEMPO: round(rules.tempo, 1),
    }
    if rules.pause is not DEFAULT_RULES.pause:
        choices[PAUSE] = rules.pause.value
    if rules.split != UNSPLIT:
        choices[SPLIT] = rules.split.text
    return knobs | choices
