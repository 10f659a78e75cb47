"""`antiphon ports`: the MIDI ports that there are, and which of them would be used."""

import argparse
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from realtime.midi.ports import PortSystem

EXAMPLES = """\
  antiphon ports
  antiphon ports --midi-api jack"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--midi-api", metavar="NAME", help="only this MIDI system (default: all there are)")


def run(args: argparse.Namespace) -> int:
    """Print the ports of each MIDI system; 1 where none answers, 2 where the one asked for can't be had."""
    try:
        from realtime.midi.rtmidi_ports import open_system, system_names
    except ImportError as reason:
        print(f"antiphon: python-rtmidi can't be loaded: {reason}", file=sys.stderr)
        return 1
    from realtime.midi.ports import PortError

    answered = 0
    for name in [args.midi_api] if args.midi_api else system_names():
        try:
            system = open_system(name)
            lines = lines_of(system)
        except PortError as reason:
            lines = [f"  {reason}"]
            if args.midi_api:
                print(f"antiphon: {reason}", file=sys.stderr)
                return 2
        else:
            answered += 1
            system.close()
        print("\n".join([name, *lines]))
    if not answered:
        print("antiphon doctor says how to mend it")
    return 0 if answered else 1


def lines_of(system: "PortSystem") -> list[str]:
    """The ports of one system, a line each."""
    from realtime.midi.ports import OWN_INPUT, OWN_OUTPUT, obvious_keyboard

    inputs, outputs = system.input_names(), system.output_names()
    obvious = obvious_keyboard(inputs, system.name)
    lines = [f"  in   {name}{'   (opened by itself)' if name == obvious else ''}" for name in inputs]
    lines += [f"  out  {name}" for name in outputs]
    lines = lines or ["  no ports of devices or other programs"]
    if system.makes_ports:
        return [*lines, f'  while it plays, Antiphon offers "{OWN_INPUT}" and "{OWN_OUTPUT}"']
    return [*lines, "  no virtual ports here: make one with loopMIDI and name it with --in and --out"]
