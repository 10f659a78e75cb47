"""`antiphon doctor`: what this machine has to play on, what is wrong with it, and how to mend that."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from realtime.health.finding import Finding
    from realtime.health.midi import Systems
    from realtime.midi.ports import PortSystem

EXAMPLES = """\
  antiphon doctor
  antiphon doctor --json
  antiphon doctor --model runs/mine/mine-int8.onnx --takes /media/usb"""
_MARKS = {"fine": "  ", "note": " ·", "wrong": " ✗"}
_PLAIN_MARKS = {"fine": "  ", "note": " -", "wrong": " !"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--json", action="store_true", help="all that was found, as JSON")
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FILE",
        help="look at this model file (default: the one that comes along)",
    )
    parser.add_argument(
        "--takes", type=Path, metavar="DIR", help="where takes shall be kept (default: Music/Antiphon)"
    )


def run(args: argparse.Namespace) -> int:
    """Look, and say what was found; 1 if something is wrong."""
    found = list(findings(args.model, args.takes))
    is_wrong = any(one.verdict.value == "wrong" for one in found)
    if args.json:
        listed = [asdict(one) | {"verdict": one.verdict.value} for one in found]
        print(json.dumps({"is_well": not is_wrong, "findings": listed}, indent=2))
    else:
        print("\n".join(lines_of(found)))
    return int(is_wrong)


def findings(model: Path | None = None, takes: Path | None = None) -> "Iterator[Finding]":
    """Everything that is looked at, in the order in which a note travels."""
    from realtime.choices import DEFAULT_PAGE_PORT
    from realtime.health.machine import machine_findings
    from realtime.health.midi import midi_findings
    from realtime.health.models import model_findings
    from realtime.health.places import place_findings
    from realtime.rows.take import default_folder

    with _systems() as systems:
        yield from midi_findings(systems)
    yield from model_findings(model)
    yield from machine_findings()
    yield from place_findings(takes or default_folder(), DEFAULT_PAGE_PORT)


def lines_of(found: "list[Finding]") -> list[str]:
    """A line for each, another for how to mend it, and one that sums up."""
    is_plain = not (sys.stdout.encoding or "").lower().startswith("utf")
    marks = _PLAIN_MARKS if is_plain else _MARKS
    width = max(len(one.about) for one in found)
    lines = []
    for one in found:
        lines.append(f"{marks[one.verdict.value]} {one.about:{width}}  {one.found}")
        if one.remedy:
            lines.append(f"   {'':{width}}  to mend it: {one.remedy}")
    counts = {word: sum(one.verdict.value == word for one in found) for word in ("wrong", "note")}
    if counts["wrong"]:
        return [*lines, f"to be mended: {counts['wrong']}; could be better: {counts['note']}"]
    return [*lines, f"it can be played on; could be better: {counts['note']}"]


@contextmanager
def _systems() -> "Iterator[Systems]":
    """The MIDI systems, opened, or why they can't be; they are given back at the end."""
    from realtime.midi.ports import PortError

    try:
        from realtime.midi.rtmidi_ports import open_system, system_names
    except ImportError as reason:
        yield {"python-rtmidi": f"can't be loaded: {reason}"}
        return
    with ExitStack() as opened:
        systems: dict[str, PortSystem | str] = {}
        for name in system_names():
            try:
                system = open_system(name)
            except PortError as reason:
                systems[name] = str(reason).removeprefix(f"no MIDI system ({name}: ").removesuffix(")")
            else:
                opened.callback(system.close)
                systems[name] = system
        yield systems
