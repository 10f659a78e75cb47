"""A soak: the real instrument over JACK, played for minutes while things go wrong, and what was lost by whom.

It has a server of its own without a sound card, a page connected and a take running. The player hands some
ten notes a second to a keyboard; the instrument notes what comes and what it hands on; JACK's own listener,
in C, writes down what arrives. So what JACK has lost on either side, as it does on a busy machine, is kept
apart from what the instrument has lost, put out of order, left sounding or never answered.
"""

import argparse
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.instrument.sound_server import require
from benchmarks.soaking.evening import Evening
from benchmarks.soaking.journal import CAME, HANDED, SENT, TURN, rows_in
from benchmarks.soaking.judging import (
    ANSWERED,
    NOTHING,
    PASSED_ON_S,
    Noted,
    compared,
    is_played,
    outcome,
    passed_on,
    sounding_after,
    struck_out_of_turn,
    without_doubles,
)
from benchmarks.soaking.keyboard import NAME
from benchmarks.soaking.phrases import Phrases
from benchmarks.soaking.stage import LISTENER, Stage
from commands.parts.interruption import sigterm_as_ctrl_c
from music.midi.files import MidiFileError, read_phrase
from music.settings import SettingError
from realtime.midi.ports import OWN_OUTPUT

PROGRAMS = ("jackd", "jack_wait", "jack_midi_dump", "stdbuf")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--minutes", type=float, default=5.0, metavar="M", help="how long it is played (default: %(default)s)"
    )
    parser.add_argument(
        "--fault-every",
        type=float,
        default=15.0,
        metavar="S",
        help="seconds from one fault to the next, or as long as it takes to get over it "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--model", default="default", metavar="FILE|none", help="as antiphon play takes it (default: default)"
    )
    parser.add_argument(
        "--each-fault", action="store_true", help="go on after --minutes until each fault has come once"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="(default: %(default)s)")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep all journals and takes in this folder, a new one"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """The figures that the options ask for."""
    require(*PROGRAMS)
    if not 0 < args.minutes <= 24 * 60 or args.fault_every <= 0:
        raise SettingError("--minutes is more than 0 and at most 1440, --fault-every more than 0")
    if args.keep is not None:
        args.keep.mkdir(parents=True)
        return _soaked(args, args.keep.absolute())
    with tempfile.TemporaryDirectory() as folder:
        return _soaked(args, Path(folder))


def _soaked(args: argparse.Namespace, folder: Path) -> dict[str, Any]:
    with sigterm_as_ctrl_c(), Stage(folder, args.model, args.seed) as stage:
        evening = Evening(stage, Phrases(args.seed))
        evening.last(args.minutes, args.fault_every, has_each_fault=args.each_fault)
        status = stage.end_instrument()
    return {
        "model": args.model,
        "minutes": args.minutes,
        **figures_of(evening, folder),
        "never_came": stage.waits_in_vain,
        "memory": growth(stage.memory),
        "takes": _takes(folder),
        "engines": stage.engines,
        "engines_that_died": stage.deaths,
        "exit_status": "it never ended" if status is None else status,
    }


def figures_of(evening: Evening, folder: Path) -> dict[str, Any]:
    """What the journals say."""
    rows = [rows_in(folder / f"journal-{number + 1}") for number in range(evening.stage.engines)]
    noted = [_noted(some) for some in rows]
    handed = [_message(row) for row in rows_in(folder / "played") if row["kind"] == HANDED]
    came = [message for one in noted for _, message in one.came]
    to_listener = [message for some in rows for _, message in _messages(some, SENT, f"{LISTENER}:input")]
    heard = heard_in((folder / "heard").read_text(errors="replace"))
    outcomes = _outcomes(evening, noted)
    last = _messages(rows[-1], SENT, OWN_OUTPUT)
    return {
        "messages": len(handed),
        "phrases": dict(Counter(outcomes)),
        "answered": outcomes.count(ANSWERED),
        "never_answered": outcomes.count(NOTHING),
        "lost_by_jack_on_the_way_in": compared(handed, came).lost,
        "came_twice": sum(len(one.came) - len(without_doubles(one.came)) for one in noted),
        "lost_by_jack_on_the_way_out": compared(to_listener, heard).lost,
        **_through(noted, evening.excused),
        "notes_after_the_turn_was_lost": sum(map(struck_out_of_turn, noted)),
        "left_sounding": sorted(sounding_after([message for _, message in last])),
        "left_sounding_at_the_listener": sorted(sounding_after(heard)),
        "faults": dict(Counter(one.name for one in evening.injected)),
        "sounding_after_faults": _sounding_after_faults(evening, rows),
    }


def _through(noted: Sequence[Noted], excused: Sequence[tuple[float, float]]) -> dict[str, int]:
    """Of the player's keys that came, those that didn't go out, and those that did in another order; but for
    those that came while that is excused, or just before or after."""
    spans = [(begin - PASSED_ON_S, end + PASSED_ON_S) for begin, end in excused]
    keys = lost = reordered = 0
    for one in noted:
        came = [row for row in without_doubles(one.came) if is_played(row[1])]
        astray = passed_on(came, [row for row in one.sent if is_played(row[1])])
        counted = {number for number, (at, _) in enumerate(came) if not _is_within(at, spans)}
        keys += len(counted)
        lost += len(counted.intersection(astray.lost))
        reordered += len(counted.intersection(astray.reordered))
    return {"keys_that_came": keys, "lost_by_the_instrument": lost, "put_out_of_order": reordered}


def _outcomes(evening: Evening, noted: Sequence[Noted]) -> list[str]:
    whole = Noted(
        [row for one in noted for row in one.came],
        [row for one in noted for row in one.sent],
        [row for one in noted for row in one.turns],
    )
    return [outcome(phrase, whole) for phrase in evening.all_phrases]


def _sounding_after_faults(evening: Evening, rows: Sequence[Any]) -> dict[str, list[tuple[int, int]]]:
    """What sounded when it was quiet after a fault, by what the instrument of that time had handed over."""
    found = {}
    for injected in evening.injected:
        current = next(some for some in reversed(rows) if some and some[0]["at"] <= injected.quiet_at)
        sent = _until(injected.quiet_at, _messages(current, SENT, OWN_OUTPUT))
        if sounding := sounding_after(sent) - _held(current, injected.quiet_at):
            found[injected.name] = sorted(sounding)
    return found


def _held(rows: Sequence[Any], until: float) -> set[tuple[int, int]]:
    """What the player holds, by what came: a release that JACK has lost is none of the instrument's."""
    return sounding_after(_until(until, _messages(rows, CAME, NAME)))


def _until(moment: float, messages: Sequence[tuple[float, bytes]]) -> list[bytes]:
    return [message for at, message in messages if at <= moment]


def _is_within(at: float, spans: Sequence[tuple[float, float]]) -> bool:
    return any(begin <= at <= end for begin, end in spans)


def _noted(rows: Sequence[Any]) -> Noted:
    turns = [(row["at"], row["phase"], row["reason"]) for row in rows if row["kind"] == TURN]
    return Noted(_messages(rows, CAME, NAME), _messages(rows, SENT, OWN_OUTPUT), turns)


def _messages(rows: Sequence[Any], kind: str, port: str) -> list[tuple[float, bytes]]:
    return [(row["at"], _message(row)) for row in rows if row["kind"] == kind and row["port"] == port]


def _message(row: Any) -> bytes:
    return bytes.fromhex(row["message"])


def heard_in(text: str) -> list[bytes]:
    """The messages that JACK's listener wrote down."""
    return [bytes.fromhex(found) for found in re.findall(r"^\s*\d+:((?: [0-9a-f]{2})+)", text, re.MULTILINE)]


def growth(weighed: Sequence[tuple[float, int, str, float]]) -> dict[str, Any]:
    """Of the engine and of the page process that were weighed for longest: from, to, and over how long."""
    found: dict[str, Any] = {}
    for which in ("engine", "page"):
        lives: dict[int, list[tuple[float, float]]] = {}
        for at, pid, kind, megabytes in weighed:
            if kind == which:
                lives.setdefault(pid, []).append((at, megabytes))
        if lives:
            life = max(lives.values(), key=lambda life: life[-1][0] - life[0][0])
            minutes = (life[-1][0] - life[0][0]) / 60
            found[which] = {"from_mb": life[0][1], "to_mb": life[-1][1], "minutes": minutes}
    return found


def _takes(folder: Path) -> dict[str, int]:
    """How many takes there are, how many of them can't be read, and how many notes are in them."""
    notes, broken = 0, 0
    files = sorted((folder / "takes").glob("*.mid"))
    for path in files:
        try:
            notes += len(read_phrase(path).notes)
        except MidiFileError:
            broken += 1
    return {"files": len(files), "broken": broken, "notes": notes}
