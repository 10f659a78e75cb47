"""`antiphon replay`: a take played again, as it was kept, or answered anew from its seed and model."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from commands.parts.refusal import refusing

if TYPE_CHECKING:
    from music.phrase import Phrase
    from realtime.answerers.answerer import Answerer
    from realtime.engine.outputs import Outputs
    from realtime.kept.reading import Kept
    from realtime.kept.replay import Replayed

EXAMPLES = """\
  antiphon replay 1
  antiphon replay "the good one" --out pianoteq
  antiphon replay 1 --anew
  antiphon replay 1 --anew --to again.mid

  As it was kept, a take sounds exactly as it was. Anew, the same keys and controls meet the same model and
  seed again: each answer is the same where it was thought of in the same time."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("take", metavar="TAKE", help="a MIDI file, or a take as `antiphon takes` lists them")
    parser.add_argument("--anew", action="store_true", help="work the answers out again, and compare them")
    parser.add_argument(
        "--to", type=Path, metavar="OUT.mid", help="with --anew: write the new take, and play nothing"
    )
    parser.add_argument(
        "--model", metavar="FILE|none", help="with --anew: the model (default: the one that the take names)"
    )
    parser.add_argument(
        "--out",
        dest="outputs",
        action="append",
        default=[],
        metavar="NAME",
        help='play on the port with this in its name; repeatable (default: "Antiphon out", of our own)',
    )
    parser.add_argument("--midi-api", metavar="NAME", help="the MIDI system, as `antiphon ports` lists them")
    parser.add_argument(
        "--takes", type=Path, metavar="DIR", help="where takes are (default: Music/Antiphon in your home)"
    )


@refusing
def run(args: argparse.Namespace) -> int:
    """Play it; 1 where answers differ from those that were kept, 2 where it can't be done."""
    from music.settings import SettingError
    from realtime.kept.folder import found, whole_piece
    from realtime.midi.ports import PortError
    from realtime.rows.take import default_folder

    if (args.to or args.model) and not args.anew:
        raise SettingError("--to and --model are for --anew; `antiphon takes export` copies a take")
    path = Path(args.take) if Path(args.take).is_file() else found(args.takes or default_folder(), args.take)
    status = 0
    phrase = whole_piece(path).phrase
    try:
        if args.anew:
            phrase, status = _anew(path, args.model, args.to)
            if args.to is not None:
                return status
        _play(phrase, args)
    except PortError as reason:
        raise SettingError(str(reason)) from reason
    return status


def _anew(path: Path, model: str | None, to: Path | None) -> "tuple[Phrase, int]":
    """The take with its answers worked out again, written where that is wanted; and whether any differs."""
    from realtime.kept.folder import piece_of
    from realtime.kept.reading import kept_in
    from realtime.kept.replay import replayed
    from realtime.rows.take import save_take

    kept = kept_in(path)
    made = _maker(model or kept.model, kept)
    again = replayed(kept, made)
    print(_compared(kept, again))
    phrase = piece_of(again.recorder).phrase
    if to is not None:
        save_take(again.recorder, to, kept.about)
        print(f"written: {to}")
    return phrase, int(again.same < len(kept.asked))


def _compared(kept: "Kept", again: "Replayed") -> str:
    line = f"answers the same as in the take: {again.same} of {len(kept.asked)}"
    others = ", ".join(f"{asked.at:.1f} s" for asked in again.differing[:8])
    return line if not others else f"{line}; others at {others}"


def _maker(model: str, kept: "Kept") -> "Callable[[], Answerer]":
    """What makes the answerer that a take names; a line where it is another by now."""
    if model == "none":
        from realtime.answerers.rule.imitation import Imitation

        return lambda: Imitation(kept.seed)
    from realtime.answerers.network import Network
    from realtime.inference.default_model import OWN_NAMES, own_model
    from realtime.inference.session import open_session

    session = open_session(own_model(model) if model in OWN_NAMES else Path(model))
    name = Network(session, kept.seed).name
    if name != kept.answerer:
        print(
            f"antiphon: this is another model: {name}; the take was answered by {kept.answerer}",
            file=sys.stderr,
        )
    return lambda: Network(session, kept.seed)


def _play(phrase: "Phrase", args: argparse.Namespace) -> None:
    from commands.parts.interruption import sigterm_as_ctrl_c
    from realtime.engine.clock import SteadyClock
    from realtime.kept.sounding import messages_of, sound

    stop = Event()
    with _outputs(args) as outputs, sigterm_as_ctrl_c():
        names = ", ".join(port.name for port in outputs.ports)
        print(f"out   {names}   {phrase.until:.0f} s; Ctrl-C stops", flush=True)
        if not args.outputs and sys.stdin.isatty():
            input("connect a synth or a DAW to it, then press Enter: ")
        try:
            sound(messages_of(phrase), outputs, SteadyClock(), stop.wait)
        except KeyboardInterrupt:
            print("stopped")


@contextmanager
def _outputs(args: argparse.Namespace) -> "Iterator[Outputs]":
    """The ports to play on, opened; given back at the end, with all let go."""
    from realtime.engine.outputs import Outputs
    from realtime.midi.ports import OWN_OUTPUT, PortError, named

    try:
        from realtime.midi.rtmidi_ports import open_system
    except ImportError as reason:
        raise PortError(f"python-rtmidi can't be loaded: {reason}") from reason
    system = open_system(args.midi_api)
    with ExitStack() as closing:
        closing.callback(system.close)
        outputs = Outputs()
        closing.callback(outputs.close)
        for wanted in args.outputs:
            outputs.add(system.open_output(named(system.output_names(), wanted, "output port")))
        if not args.outputs:
            if not system.makes_ports:
                raise PortError("no virtual ports here: name the port to play on with --out")
            outputs.add(system.make_output(OWN_OUTPUT))
        yield outputs
