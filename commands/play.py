"""`antiphon play`: its options, and the choices that they make.

Imports nothing of the instrument but the defaults until it runs, so that the help is there at once.
"""

import argparse
import difflib
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from music.notes import HIGHEST_PITCH, pitch_named
from music.settings import SettingError
from realtime.engine.controls import ANSWERED_BY
from realtime.engine.wiring.delays import delay_said
from realtime.engine.wiring.routes import route_said
from realtime.knobs import (
    BUTTONS,
    CHANNEL_COUNT,
    CONTROLS,
    DEFAULT_CONTROLLERS,
    FASTEST,
    KNOBS,
    NEXT,
    PROGRAMS,
    SAME,
    SLOWEST,
    Knob,
    Mode,
    Pause,
)
from realtime.performer.player.split import WHOLE, Split, split_said
from realtime.performer.rules import DEFAULT_RULES
from realtime.performer.sound.limits import HIGHEST_VELOCITY, NO_LIMITS, Keeping

Said = TypeVar("Said")
SHORTEST_HOLD_S, LONGEST_HOLD_S = 3.0, 600.0
SILENCES_S = (0.1, 10.0)
_ABOUT_PORTS = {
    "inputs": "--in",
    "outputs": "--out",
    "midi_api": "--midi-api",
    "send_clock": "--send-clock",
    "delays": "--delay",
    "faders": "--faders",
}
BOUNDS_S = (DEFAULT_RULES.shortest_answer_s, DEFAULT_RULES.longest_answer_s)

EXAMPLES = """\
  antiphon play
  antiphon play --in keystation --out fluid
  antiphon play --length 4s-12s --loudness 0.8 --seed 7
  antiphon play --open --host
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
        metavar="FILE|concert|none",
        help="a model file (antiphon export-onnx makes them); concert: our own that learnt from concert "
        "performances too, for non-commercial use; or none: imitates and varies your phrase by rule "
        "(default: the model that comes with Antiphon)",
    )
    parser.add_argument(
        "--also",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="another model file, to change to while it plays, from the page or with the Tab key; repeatable "
        "(the model that comes with Antiphon and none are always there)",
    )
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="what runs the model; auto: CUDA where the runtime for it is installed, runs the model and is "
        "faster, and else the CPU (default: auto)",
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
    _add_limits(parser.add_argument_group("limits of the answer, which it bends to"))
    _add_turns(parser.add_argument_group("whose turn it is"))
    _add_ports(parser.add_argument_group("ports"))
    page = parser.add_argument_group("the page")
    _add_page(page)
    _add_reach(page)
    _add_files(parser.add_argument_group("files"))


def parse(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """The options said, and for those left out what the configuration file says."""
    args = parser.parse_args(words)
    if args.config is None:
        return args
    from commands.parts.config_file import with_config

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
        "--silence",
        type=_between(*SILENCES_S),
        metavar="SECONDS",
        help=f"wait just so long in silence before each answer, from {SILENCES_S[0]:g} to "
        f"{SILENCES_S[1]:g}, whatever you play (default: until your phrase sounds over, see --eagerness)",
    )
    group.add_argument(
        "--channel",
        type=_channel,
        default=NEXT,
        metavar="1-16|next|same",
        help="the answer's MIDI channel (default: next, the player's plus one); "
        "on the same, your pedal holds its notes too",
    )
    _add_held(group)
    default = (f"{name}={number}" for name, number in DEFAULT_CONTROLLERS.items())
    group.add_argument(
        "--cc",
        action="append",
        type=_controller,
        default=[],
        metavar="CONTROL=NUMBER|none",
        help=f"which MIDI controller moves {', '.join(CONTROLS[:-1])} or {CONTROLS[-1]}; repeatable "
        f"(default: {', '.join(default)}, unless another control has that number; 1 is the modulation wheel)",
    )


def _add_limits(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--range",
        type=_pitches,
        default=(NO_LIMITS.lowest, NO_LIMITS.highest),
        metavar="LOW-HIGH",
        help="its lowest and its highest note, such as C2-C6 or 36-84, where C4 is 60 (default: all)",
    )
    group.add_argument(
        "--voices",
        type=_whole_between(1, 64),
        metavar="N",
        help="notes at once (default: any number)",
    )
    group.add_argument(
        "--keep",
        choices=[keeping.value for keeping in Keeping],
        default=NO_LIMITS.keeping.value,
        help="call: only pitch classes of your phrase; key: only those of its key (default: free)",
    )
    group.add_argument(
        "--notes-in-a-second",
        type=_whole_between(1, 100),
        metavar="N",
        help="begun in a second (default: any)",
    )
    group.add_argument(
        "--loudest",
        type=_whole_between(1, HIGHEST_VELOCITY),
        default=NO_LIMITS.loudest,
        metavar="V",
        help=f"velocity, from 1 to {HIGHEST_VELOCITY} (default: {NO_LIMITS.loudest})",
    )
    group.add_argument(
        "--longest-note",
        type=_between(0.1, 60),
        default=DEFAULT_RULES.longest_note_s,
        metavar="S",
        help=f"seconds (default: {DEFAULT_RULES.longest_note_s:g})",
    )


def _add_turns(group: argparse._ArgumentGroup) -> None:
    modes = "; ".join(f"{mode.value}: {mode.about}" for mode in Mode)
    group.add_argument(
        "--mode",
        choices=[mode.value for mode in Mode],
        default=DEFAULT_RULES.mode.value,
        help=f"{modes} (default: {DEFAULT_RULES.mode.value})",
    )
    for name, lowest, highest, default, about in (
        ("bars", 1, 16, DEFAULT_RULES.bars, "how many bars each plays, in the mode bars"),
        ("beats-in-a-bar", 1, 12, DEFAULT_RULES.beats_in_a_bar, "how many beats a bar has"),
    ):
        group.add_argument(
            f"--{name}",
            type=_whole_between(lowest, highest),
            default=default,
            metavar="N",
            help=f"{about} (default: {default})",
        )
    group.add_argument(
        "--tempo",
        type=_between(SLOWEST, FASTEST),
        metavar="BPM",
        help="how many beats a minute bars are counted in, until a MIDI clock is heard "
        f"(default: {DEFAULT_RULES.tempo:g}, until your playing has a clear beat, and then that)",
    )
    pauses = "; ".join(f"{pause.value}: {pause.about}" for pause in Pause)
    group.add_argument(
        "--pause",
        choices=[pause.value for pause in Pause],
        default=DEFAULT_RULES.pause.value,
        help=f"when the MIDI clock that comes in stops: {pauses} (default: {DEFAULT_RULES.pause.value})",
    )
    group.add_argument(
        "--split",
        type=_split,
        default=DEFAULT_RULES.split,
        metavar="KEY-up|KEY-down",
        help="the keys from this one up, or from this one down, are your phrase, such as C4-up; the others "
        f"only sound (default: {WHOLE}, all are your phrase)",
    )
    group.add_argument(
        "--presets",
        type=Path,
        metavar="FILE",
        help="presets from a TOML file: a section each, with controls and the program that recalls it; those "
        "that you keep on the page are written there (default: presets.toml in the folder of the takes)",
    )
    group.add_argument(
        "--program",
        dest="programs",
        action="append",
        type=_program,
        default=[],
        metavar="NUMBER=COMMAND",
        help=f"which program change, from 1, is which command ({', '.join(BUTTONS)}), mode or "
        f"model ({ANSWERED_BY}NAME, its name as --also has it on the page); repeatable",
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
    group.add_argument(
        "--route",
        dest="routes",
        action="append",
        type=_said_by(route_said),
        default=[],
        metavar="IN:CHANNEL=CHANNEL",
        help="play what comes in on this channel of the input with this in its name on another channel, or "
        "none of it, such as keystation:1=3 or *:10=none; the first that fits counts; repeatable",
    )
    group.add_argument(
        "--delay",
        dest="delays",
        action="append",
        type=_said_by(delay_said),
        default=[],
        metavar="OUT=MS",
        help="send so many milliseconds later on the output with this in its name, such as fluid=40, where "
        "others sound late; repeatable",
    )
    group.add_argument(
        "--faders",
        action="append",
        default=[],
        metavar="NAME",
        help="send where the controls stand that a controller moves to the port with this in its name, when "
        "they are moved elsewhere: for motor faders and rings of lights; repeatable",
    )
    group.add_argument("--midi-api", metavar="NAME", help="the MIDI system, as `antiphon ports` lists them")
    group.add_argument(
        "--no-thru",
        action="store_true",
        help="don't send your own notes on: for a keyboard that sounds by itself",
    )
    group.add_argument(
        "--no-system",
        action="store_true",
        help="don't send on the clock, start and stop, active sensing and system exclusives that come in",
    )
    group.add_argument(
        "--send-clock",
        action="store_true",
        help="send a MIDI clock, start and stop: of the bars that are traded, or at the tempo of your "
        "playing; where a clock comes in, that one",
    )
    group.add_argument(
        "--link",
        action="store_true",
        help="follow the tempo and the bars of an Ableton Link session in your network, as a MIDI clock that "
        "comes in; needs pip install 'antiphon[link]'",
    )


def _add_held(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--longest-hold",
        type=_hold,
        default=DEFAULT_RULES.longest_hold_s,
        metavar="SECONDS|none",
        help="how long a key or pedal that stays down with nothing else happening is waited for, "
        f"from {SHORTEST_HOLD_S:g} to {LONGEST_HOLD_S:g} (a release may be lost); none: for ever "
        f"(default: {DEFAULT_RULES.longest_hold_s:g})",
    )


def _add_page(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--no-page", action="store_true", help="no page in the browser")
    group.add_argument(
        "--page-port",
        type=_port,
        metavar="N",
        help="where the page is (default: 8765, or another if that is in use); 0: any free port",
    )


def _add_reach(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--open", action="store_true", help="open the page in your browser")
    group.add_argument(
        "--host",
        nargs="?",
        const="",
        metavar="ADDRESS",
        help="the page for phones, tablets and others in your network too, whom you show its link or its QR "
        "code: at this address or name of this machine (said alone: the one by which it reaches the network)",
    )
    group.add_argument(
        "--certificate",
        type=Path,
        metavar="FILE.pem",
        help="with --host: encrypt with it (https); a browser lends the page its MIDI keyboards only so",
    )
    group.add_argument(
        "--key", type=Path, metavar="FILE.pem", help="the key of --certificate, if it isn't in it"
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
    group.add_argument(
        "--trace",
        type=Path,
        metavar="FILE",
        help="write all that the performer takes in into a new file, of which `antiphon trace` makes a test",
    )


def run(args: argparse.Namespace) -> int:
    """Play; returns the exit status: 2 for a choice that can't be, 1 for a failure."""
    complaint = _complaint(args)
    if complaint:
        return _refuse(complaint)
    from music.midi.scan import MidiFileError
    from realtime.choices import Choices
    from realtime.concert import play
    from realtime.midi.ports import PortError

    try:
        return play(Choices.of(args))
    except BrokenPipeError:
        raise  # whoever read our lines left; the front door knows what to do
    except (MidiFileError, PortError, SettingError, OSError) as reason:
        from commands.parts.refusal import said_of

        return _refuse(said_of(reason))


def _complaint(args: argparse.Namespace) -> str | None:
    if args.fast and args.call is None:
        return "--fast needs --from CALL.mid: live, time can't go faster"
    if (shared := _complaint_about_controllers(args.cc)) is not None:
        return shared
    if args.fast and any(getattr(args, name) for name in _ABOUT_PORTS):
        options = ", ".join(_ABOUT_PORTS.values())
        return f"--fast opens no ports; leave away {options}, or --fast"
    if args.fast and args.mode == Mode.ENDLESS.value:
        return (
            "--fast ends with the last answer, and in the mode endless no answer is the last; leave one away"
        )
    if args.call is not None and args.link:
        return "--from plays the call in its own time; leave --link away"
    if args.call is not None and (args.inputs or args.routes):
        return "--from plays the call itself; leave --in and --route away"
    if args.call is not None and args.take is not None and args.call.absolute() == args.take.absolute():
        return "--take would write over the call; name another file"
    if args.no_take and (args.take or args.takes):
        return "--no-take saves nothing; leave it or the other away"
    return _complaint_about_the_page(args)


def _complaint_about_controllers(said: Sequence[tuple[str, int | None]]) -> str | None:
    moves: dict[int, str] = {}
    for name, number in dict(said).items():
        if number is None:
            continue
        if (other := moves.setdefault(number, name)) != name:
            return (
                f"--cc: controller {number} can't move both {other} and {name}; give one of them another "
                f"number, or leave it away with {other}=none"
            )
    return None


def _complaint_about_the_page(args: argparse.Namespace) -> str | None:
    if args.no_page and args.page_port is not None:
        return "--page-port says where the page is; leave it or --no-page away"
    if args.no_page and (args.host is not None or args.open):
        return "--host and --open are about the page; leave them or --no-page away"
    if args.fast and (args.host is not None or args.open):
        return "--fast has no page; leave --host and --open away, or --fast"
    if args.certificate is not None and args.host is None:
        return "--certificate encrypts what goes over the network: say --host too"
    if args.key is not None and args.certificate is None:
        return "--key belongs to a certificate: say --certificate FILE.pem too"
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
    name, _, _ = text.partition("=")
    if name not in CONTROLS:
        near = difflib.get_close_matches(name, CONTROLS, n=1)
        raise argparse.ArgumentTypeError(
            f"no control {name!r}; "
            + (f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(CONTROLS)}")
        )
    match = re.fullmatch(rf"({'|'.join(CONTROLS)})=(\d{{1,3}}|none)", text)
    number = None if match is None or match[2] == "none" else int(match[2])
    if match is None or (number is not None and (number > 119 or number == 64)):
        raise argparse.ArgumentTypeError(
            "a control and a controller's number from 0 to 119 but the pedal's 64, such as hand-over=66, or "
            f"temperature=none, not {text!r}"
        )
    return match[1], number


def _pitches(text: str) -> tuple[int, int]:
    """(lowest, highest), by number or by name."""
    low, dash, high = text.partition("-")
    pitches = (pitch_named(low), pitch_named(high))
    if not dash or None in pitches or (pitches[0] or 0) > (pitches[1] or 0):
        raise argparse.ArgumentTypeError(
            f"a lowest and a highest note, such as C2-C6 or 36-84 (0 to {HIGHEST_PITCH}), not {text!r}"
        )
    return (pitches[0] or 0, pitches[1] or 0)


def _program(text: str) -> tuple[int, str]:
    """(program counted from 0, the command, the mode or the model that it is)."""
    names = [*BUTTONS, *(mode.value for mode in Mode)]
    match = re.fullmatch(rf"(\d{{1,3}})=({'|'.join(names)}|{ANSWERED_BY}.+)", text)
    if match is None or not 1 <= int(match[1]) <= PROGRAMS:
        raise argparse.ArgumentTypeError(
            f"a program's number from 1 to {PROGRAMS} and one of {', '.join(names)} or {ANSWERED_BY}NAME, "
            f"such as 5=freeze, not {text!r}"
        )
    return int(match[1]) - 1, match[2]


def _whole_between(lowest: int, highest: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not re.fullmatch(r"\d{1,4}", text) or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"a whole number from {lowest} to {highest}, not {text!r}")
        return int(text)

    return number


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


def _split(text: str) -> Split:
    split = split_said(text)
    if split is None:
        raise argparse.ArgumentTypeError(f"a key and up or down, such as C4-up or 59-down, not {text!r}")
    return split


def _said_by(read: Callable[[str], Said]) -> Callable[[str], Said]:
    """A reader whose complaints are an option's."""

    def said(text: str) -> Said:
        try:
            return read(text)
        except SettingError as reason:
            raise argparse.ArgumentTypeError(str(reason)) from None

    return said


def _hold(text: str) -> float:
    if text == "none":
        return float("inf")
    if re.fullmatch(r"\d{1,3}(\.\d+)?", text) and SHORTEST_HOLD_S <= float(text) <= LONGEST_HOLD_S:
        return float(text)
    raise argparse.ArgumentTypeError(
        f"seconds from {SHORTEST_HOLD_S:g} to {LONGEST_HOLD_S:g}, or none, not {text!r}"
    )


def _channel(text: str) -> str | int:
    if text in (NEXT, SAME):
        return text
    if re.fullmatch(r"\d{1,2}", text) and 1 <= int(text) <= CHANNEL_COUNT:
        return int(text) - 1
    raise argparse.ArgumentTypeError(f"a channel from 1 to 16, next or same, not {text!r}")
