"""`antiphon play`: its options, and the choices that they make.

Imports nothing of the instrument but the defaults until it runs, so that the help is there at once.
"""

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

from realtime.knobs import CHANNEL_COUNT, CONTROLS, DEFAULT_CONTROLLERS, KNOBS, NEXT, SAME, Knob
from realtime.performer.rules import DEFAULT_RULES

BOUNDS_S = (DEFAULT_RULES.shortest_answer_s, DEFAULT_RULES.longest_answer_s)

EXAMPLES = """\
  antiphon play
  antiphon play --in keystation --out fluid
  antiphon play --length 4s-12s --loudness 0.8 --seed 7
  antiphon play --from call.mid
  antiphon play --from call.mid --fast --take answer.mid --seed 1
  antiphon play --model runs/mine/mine-int8.onnx --temperature 0.9

  Nothing sounds by itself: connect a synth or a DAW to the port "Antiphon out", or name one with --out.
  The page in your browser plays and sounds too. Without a MIDI keyboard, the computer's keys play.
  The answer has a channel of its own, the player's plus one.
  --model none imitates and varies your phrase by rule, with no network."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--model",
        default="default",
        metavar="FILE|none",
        help="a model file (antiphon export-onnx makes them), or none: imitates and varies your phrase "
        "by rule (default: the model that comes with Antiphon)",
    )
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="what runs the model; auto: CUDA where the runtime for it is installed and runs the model, "
        "and else the CPU (default: auto)",
    )
    parser.add_argument(
        "--seed",
        type=_whole,
        metavar="N",
        help="the same call and seed get the same answer (default: another each time, shown at start)",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="options from a TOML file, by their names; what is said here goes first",
    )
    _add_music(parser.add_argument_group("the answer"))
    _add_ports(parser.add_argument_group("ports"))
    _add_page(parser.add_argument_group("the page"))
    _add_files(parser.add_argument_group("files"))


def parse(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """The options said, and for those left out what the configuration file says."""
    args = parser.parse_args(words)
    if args.config is None:
        return args
    from commands.parts.config_file import with_config
    from music.settings import SettingError

    try:
        return with_config(parser, words, args.config)
    except SettingError as reason:
        print(f"antiphon: {reason}", file=sys.stderr)
        sys.exit(2)


def _add_music(group: argparse._ArgumentGroup) -> None:
    for knob in KNOBS.values():
        if knob.name == "length":
            _add_length(group, knob)
        else:
            _add_knob(group, knob)
    group.add_argument(
        "--channel",
        type=_channel,
        default=NEXT,
        metavar="1-16|next|same",
        help="the answer's MIDI channel (default: next, the player's plus one); "
        "on the same, your pedal holds its notes too",
    )
    default = (f"{name}={number}" for name, number in DEFAULT_CONTROLLERS.items())
    group.add_argument(
        "--cc",
        action="append",
        type=_controller,
        default=[],
        metavar="CONTROL=NUMBER|none",
        help=f"which MIDI controller moves {', '.join(CONTROLS[:-1])} or {CONTROLS[-1]}; repeatable "
        f"(default: {', '.join(default)}; 1 is the modulation wheel)",
    )


def _add_knob(group: argparse._ArgumentGroup, knob: Knob) -> None:
    group.add_argument(
        f"--{knob.name}",
        type=_between(knob.lowest, knob.highest),
        default=knob.default,
        metavar="X",
        help=f"{knob.about}, {_range(knob)}: {knob.effect} (default: {knob.default:g})",
    )


def _add_length(group: argparse._ArgumentGroup, knob: Knob) -> None:
    """A share of the call as any knob has it, or seconds."""
    group.add_argument(
        f"--{knob.name}",
        type=_length,
        default=(knob.default, *BOUNDS_S),
        metavar="SHARE|SECONDS",
        help=f"{knob.about}, {_range(knob)}, but always within {BOUNDS_S[0]:g}s-{BOUNDS_S[1]:g}s; "
        "8s is eight seconds, 3s-12s as long as the call within these bounds instead "
        f"(default: {knob.default:g})",
    )


def _range(knob: Knob) -> str:
    return f"from {knob.lowest:g} to {knob.highest:g}"


def _add_ports(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--in",
        dest="inputs",
        action="append",
        default=[],
        metavar="NAME",
        help="listen to the port with this in its name; repeatable (default: the one obvious keyboard)",
    )
    group.add_argument(
        "--out",
        dest="outputs",
        action="append",
        default=[],
        metavar="NAME",
        help="play on the port with this in its name; repeatable",
    )
    group.add_argument("--midi-api", metavar="NAME", help="the MIDI system, as `antiphon ports` lists them")
    group.add_argument(
        "--no-thru",
        action="store_true",
        help="don't send your own notes on: for a keyboard that sounds by itself",
    )


def _add_page(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--no-page", action="store_true", help="no page in the browser")
    group.add_argument(
        "--page-port",
        type=_port,
        metavar="N",
        help="where the page is (default: 8765, or another if that is in use); 0: any free port",
    )


def _add_files(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--from",
        dest="call",
        type=Path,
        metavar="CALL.mid",
        help="play the call from a file, and end after the answer",
    )
    group.add_argument("--fast", action="store_true", help="with --from: don't wait, and open no ports")
    group.add_argument("--take", type=Path, metavar="OUT.mid", help="save the take here")
    group.add_argument(
        "--takes",
        type=Path,
        metavar="DIR",
        help="save takes in this folder (default: Music/Antiphon in your home)",
    )
    group.add_argument("--no-take", action="store_true", help="save nothing")


def run(args: argparse.Namespace) -> int:
    """Play; returns the exit status: 2 for a choice that can't be, 1 for a failure."""
    complaint = _complaint(args)
    if complaint:
        return _refuse(complaint)
    from music.midi.scan import MidiFileError
    from music.settings import SettingError
    from realtime.choices import Choices
    from realtime.concert import play
    from realtime.midi.ports import PortError

    try:
        return play(Choices.of(args))
    except BrokenPipeError:
        raise  # whoever read our lines left; the front door knows what to do
    except (MidiFileError, PortError, SettingError, OSError) as reason:
        return _refuse(str(reason))


def _complaint(args: argparse.Namespace) -> str | None:
    if args.fast and args.call is None:
        return "--fast needs --from CALL.mid: live, time can't go faster"
    controllers = {**DEFAULT_CONTROLLERS, **dict(args.cc)}
    numbers = [number for number in controllers.values() if number is not None]
    if len(numbers) != len(set(numbers)):
        return "--cc: one controller can't move two controls"
    if args.no_page and args.page_port is not None:
        return "--page-port says where the page is; leave it or --no-page away"
    if args.fast and (args.inputs or args.outputs):
        return "--fast opens no ports; leave --in and --out away, or --fast"
    if args.call is not None and args.inputs:
        return "--from plays the call itself; leave --in away"
    if args.call is not None and args.take is not None and args.call.absolute() == args.take.absolute():
        return "--take would write over the call; name another file"
    if args.no_take and (args.take or args.takes):
        return "--no-take saves nothing; leave it or the other away"
    return None


def _refuse(reason: str) -> int:
    print(f"antiphon: {reason}", file=sys.stderr)
    return 2


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text):
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 on, not {text!r}")
    return int(text)


def _port(text: str) -> int:
    if re.fullmatch(r"\d{1,5}", text) and (int(text) == 0 or 1024 <= int(text) <= 65535):
        return int(text)
    raise argparse.ArgumentTypeError(f"a port is a number from 1024 to 65535, or 0, not {text!r}")


def _controller(text: str) -> tuple[str, int | None]:
    """(control, number of the MIDI controller; None: no controller)."""
    match = re.fullmatch(rf"({'|'.join(CONTROLS)})=(\d{{1,3}}|none)", text)
    number = None if match is None or match[2] == "none" else int(match[2])
    if match is None or (number is not None and (number > 119 or number == 64)):
        raise argparse.ArgumentTypeError(
            "a control and a controller's number from 0 to 119 but the pedal's 64, such as hand-over=66, or "
            f"temperature=none, not {text!r}"
        )
    return match[1], number


def _between(lowest: float, highest: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not lowest <= value <= highest:
            raise argparse.ArgumentTypeError(f"a number from {lowest:g} to {highest:g}, not {text!r}")
        return value

    return number


def _length(text: str) -> tuple[float, float, float]:
    """(share of the call, shortest, longest in seconds)."""
    number = r"(\d+(?:\.\d+)?)"
    share = re.fullmatch(number, text)
    knob = KNOBS["length"]
    if share and knob.lowest <= float(share[1]) <= knob.highest:
        return float(share[1]), *BOUNDS_S
    bounds = re.fullmatch(rf"{number}s(?:-{number}s)?", text)
    if bounds:
        shortest = float(bounds[1])
        longest = float(bounds[2] or bounds[1])
        if 1 <= shortest <= longest <= 120:
            return 1.0, shortest, longest
    raise argparse.ArgumentTypeError(
        f"a share of the call {_range(knob)} such as 1.5, or seconds from 1 to 120 such as 8s or 3s-12s, "
        f"not {text!r}"
    )


def _channel(text: str) -> str | int:
    if text in (NEXT, SAME):
        return text
    if re.fullmatch(r"\d{1,2}", text) and 1 <= int(text) <= CHANNEL_COUNT:
        return int(text) - 1
    raise argparse.ArgumentTypeError(f"a channel from 1 to 16, next or same, not {text!r}")
