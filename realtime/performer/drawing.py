"""The table of turns as text for the documentation: a table in Markdown, and a diagram in Mermaid.

Knows the table alone. Must not know where the documentation lies.
"""

from collections.abc import Iterator

from realtime.performer.events import EVENTS
from realtime.performer.phases import Phase
from realtime.performer.turns import TABLE


def table_drawn() -> str:
    """Phases across, events down; each cell says what the event does there, and which turns may follow."""
    head = ["event", *(phase.value for phase in Phase)]
    rows = [head, ["---"] * len(head)]
    for event in EVENTS:
        rows.append([f"`{event.__name__}`", *(_cell(phase, event) for phase in Phase)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def diagram_drawn() -> str:
    """The phases, and the events that may lead from one to another."""
    lines = ["stateDiagram-v2", f"    [*] --> {Phase.WAITING.value}"]
    lines += [f"    {line}" for line in _arrows()]
    return "\n".join([*lines, f"    {Phase.CLOSED.value} --> [*]"])


def _cell(phase: Phase, event: type) -> str:
    transition = TABLE[phase][event]
    elsewhere = [to.value for to in transition.to if to is not phase]
    return f"{transition.does} → {', '.join(elsewhere)}" if elsewhere else transition.does


def _arrows() -> Iterator[str]:
    for before in Phase:
        for after in Phase:
            events = [
                event.__name__ for event in EVENTS if before is not after and after in TABLE[before][event].to
            ]
            if events:
                yield f"{before.value} --> {after.value}: {', '.join(events)}"
