"""Where the controls stand, as rows have it. Knows rules and knobs."""

from typing import Any

from realtime.knobs import CHANNEL, KNOBS, NEXT, SAME
from realtime.performer.rules import Rules


def controls_standing(rules: Rules) -> dict[str, Any]:
    """The controls, and the bounds of an answer in seconds, whatever share of the call it takes."""
    return {
        "controls": controls_of(rules),
        "answer_within_s": [rules.shortest_answer_s, rules.longest_answer_s],
    }


def controls_of(rules: Rules) -> dict[str, float | str]:
    """The controls that rules come from, by name."""
    channel: float | str = NEXT if rules.channel is None else rules.channel + 1
    knobs: dict[str, float | str] = {name: getattr(rules.knobs, name) for name in KNOBS}
    return knobs | {CHANNEL: SAME if rules.shares_channel else channel}
