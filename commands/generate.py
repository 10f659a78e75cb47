"""`antiphon generate`: a run's model plays by itself, from nothing or from a phrase, into a MIDI file."""

import argparse
import json
import secrets
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from commands.parts.places import add_runs
from commands.parts.refusal import refusing
from music.midi.files import LONGEST_S, midi_bytes, read_phrase, read_pieces_from
from music.phrase import Phrase
from music.piece import Part
from music.settings import SettingError
from music.tokens.encoding import Encoding
from pieces.music import Rows
from pieces.reversal import reversed_in_time
from training.learning.checkpoint import RunFolder
from training.models.drawing import Drawing
from training.models.rolls.rbm import Rbm
from training.opened_run import Trained, trained
from training.playing import prompt as prompts
from training.playing.generation import (
    LIKELIEST,
    Allowed,
    Heard,
    Length,
    Memory,
    PlayedOn,
    drawn_on,
    first_rows,
    heard,
    learns_backwards,
    memory_of,
    played_on,
)
from training.playing.polish import Polish, polish_by
from training.playing.prompt import Prompt, prompt_of
from training.run import device_named

EXAMPLES = """\
  antiphon generate mine
  antiphon generate mine out.mid --seconds 60 --temperature 0.9 --top-p 0.95
  antiphon generate mine --from phrase.mid --prompt-notes 12 --count 4 --seed 1
  antiphon generate mine --argmax --rows 500
  antiphon generate rolls-run --polish rbm-run --polish-way window"""

_PROMPT, _NEW = 0, 1  # voices of the file
_PARTS = (Part(_PROMPT, "Prompt", channel=0), Part(_NEW, "Continuation", channel=1))
_DEFAULT_S = 30.0
_MOST = 2**62


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("run", metavar="RUN", help="a run's name")
    parser.add_argument(
        "out",
        nargs="?",
        type=Path,
        metavar="OUT.mid",
        help="where to (default: generated-NUMBER.mid in the run's folder, the next number that is free)",
    )
    add_runs(parser)
    _add_prompt(parser)
    _add_drawing(parser)
    parser.add_argument(
        "--seconds",
        type=float,
        metavar="S",
        help=f"how long to play, besides the prompt (default: {_DEFAULT_S:g}, unless --rows is said)",
    )
    parser.add_argument(
        "--rows", type=int, metavar="N", help="how many rows to draw; with --seconds, at most"
    )
    parser.add_argument(
        "--count", type=int, default=1, metavar="N", help="so many pieces, with seeds one after another"
    )
    parser.add_argument(
        "--reverse",
        action=argparse.BooleanOptionalAction,
        help="turn the result of a run that learnt music backwards forwards again (default: where it did)",
    )
    parser.add_argument("--polish", metavar="RBM_RUN", help="refine a roll by the rbm of this run")
    parser.add_argument(
        "--polish-way",
        choices=("step", "window"),
        help="take over the last step of each window, or all of it (default: step)",
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="(default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print what was made as JSON")


def _add_prompt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FILE.mid",
        help="go on from this music (default: nothing)",
    )
    parser.add_argument(
        "--prompt-s", type=float, metavar="SECONDS", help="only so much of it, from its first note on"
    )
    parser.add_argument("--prompt-notes", type=int, metavar="N", help="only its first notes")
    parser.add_argument("--only-new", action="store_true", help="write what is new, without the prompt")


def _add_drawing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--argmax", action="store_true", help="always the likeliest")
    parser.add_argument("--temperature", type=float, metavar="T", help="below 1 tamer, above 1 wilder")
    parser.add_argument("--top-k", type=int, metavar="K", help="choose among the K likeliest")
    parser.add_argument(
        "--top-p", type=float, metavar="P", help="choose among the likeliest that have P together"
    )
    parser.add_argument("--mix", type=float, metavar="P", help="this share of choices takes the likeliest")
    parser.add_argument(
        "--no-format-filter", action="store_true", help="let the model break the format of its encoding"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="for the same again (default: by chance)")


@dataclass(frozen=True, slots=True)
class Playing:
    """A model with all that was asked of it, but for the seed and the place."""

    made: Trained
    memory: Memory
    drawing: Drawing
    allowed: Allowed | None
    length: Length
    turned: bool
    prompt: Prompt | None
    polish: Polish | None
    only_new: bool


@refusing
def run(args: argparse.Namespace) -> int:
    """Generate."""
    playing = _playing(args)
    seed = secrets.randbelow(1_000_000) if args.seed is None else args.seed
    places = _places(args.out, playing.made.folder.path, args.count)
    before = None if playing.prompt is None else _heard(playing, playing.prompt.rows)
    pieces = [_generate(playing, before, seed + number, place) for number, place in enumerate(places)]
    if args.json:
        print(json.dumps({"run": args.run, "settings": _settings(playing, args), "pieces": pieces}, indent=2))
    else:
        print("\n".join([*map(_line, pieces), _settings_line(playing, args)]))
    return 0


def _playing(args: argparse.Namespace) -> Playing:
    _check_contradictions(args)
    _check_numbers(args)
    drawing = _drawing(args)
    device = device_named(args.device)
    made = trained(RunFolder(args.runs / args.run), device)
    if isinstance(made.model, Rbm):
        raise SettingError(
            f"{args.run} is an rbm, which draws no rows: generate with the run of another model, and refine "
            f"what it draws with --polish {args.run}"
        )
    _check_choices(args, made.encoding)
    turned = learns_backwards(made.recipe)
    if args.reverse and not turned:
        raise SettingError(
            f"{args.run} learnt music forwards, so there is nothing to turn; leave out --reverse"
        )
    return Playing(
        made,
        memory_of(made.recipe),
        drawing,
        None if args.no_format_filter else _filter(made.encoding),
        Length(_DEFAULT_S if args.seconds is None and args.rows is None else args.seconds, args.rows),
        turned and args.reverse is not False,
        _prompt(args, made) if args.source else None,
        _polish(args, made) if args.polish else None,
        args.only_new,
    )


def _check_contradictions(args: argparse.Namespace) -> None:
    choices = ("temperature", "top_k", "top_p", "mix")
    said = [_option(name) for name in choices if getattr(args, name) is not None]
    if args.argmax and said:
        raise SettingError(f"--argmax takes the likeliest, so {', '.join(said)} can't matter: leave one out")
    if args.prompt_s is not None and args.prompt_notes is not None:
        raise SettingError("a prompt is so long or has so many notes: leave out --prompt-s or --prompt-notes")
    for name in ("prompt_s", "prompt_notes", "only_new"):
        if args.source is None and getattr(args, name):
            raise SettingError(f"{_option(name)} is about a prompt; say --from FILE.mid too")
    if args.polish_way and not args.polish:
        raise SettingError("--polish-way is about polishing; say --polish RBM_RUN too")


def _check_numbers(args: argparse.Namespace) -> None:
    for name, least in (("rows", 1), ("count", 1), ("prompt_notes", 1), ("seed", 0)):
        value = getattr(args, name)
        if value is not None and not least <= value < _MOST:
            raise SettingError(f"{_option(name)} is from {least} to below 2^62, not {value}")
    for name in ("seconds", "prompt_s"):
        value = getattr(args, name)
        if value is not None and not 0 < value <= LONGEST_S:
            raise SettingError(f"{_option(name)} is above 0 and at most {LONGEST_S:.0f}, not {value}")


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _drawing(args: argparse.Namespace) -> Drawing:
    if args.argmax:
        return LIKELIEST
    said = {
        "temperature": args.temperature,
        "top_k": args.top_k,
        "top_p": args.top_p,
        "argmax_share": args.mix,
    }
    return Drawing(**{name: value for name, value in said.items() if value is not None})


def _check_choices(args: argparse.Namespace, encoding: Encoding) -> None:
    """Options that the encoding has no use for."""
    if encoding.vocabulary.is_roll and (args.top_k or args.top_p):
        raise SettingError(
            "each key of a roll is drawn as a yes or no, so --top-k and --top-p have nothing to choose from; "
            "say --temperature or --mix"
        )
    if args.no_format_filter and _filter(encoding) is None:
        raise SettingError(
            f"the encoding {encoding.name} has no format to be filtered by; leave out --no-format-filter"
        )


def _filter(encoding: Encoding) -> Allowed | None:
    return encoding.allowed_after if encoding.has_format else None


def _prompt(args: argparse.Namespace, made: Trained) -> Prompt:
    """The part of the file that is heard, as training would have written it down."""
    whole = made.recipe.data.transform.of_music(has_beat=False)(read_phrase(args.source))
    if whole is None:
        raise SettingError(
            f"{args.source}: {args.run} learnt no such music, for its transforms leave it out; "
            "take another file"
        )
    try:
        prompt = prompt_of(whole, prompts.Part(args.prompt_s, args.prompt_notes), made.encoding)
    except SettingError as error:
        raise SettingError(f"{args.source}: {error}") from None
    if prompt.left_out:
        _say(
            f"{args.source}: {prompt.left_out} notes of the prompt are left out: "
            f"{made.encoding.name} has no such keys"
        )
    if prompt.unknown:
        _say(
            f"{args.source}: {prompt.unknown} of the prompt's {len(prompt.rows)} {made.model.unit}s "
            f"are none that {args.run} learnt"
        )
    return prompt


def _polish(args: argparse.Namespace, made: Trained) -> Polish:
    rbm = trained(RunFolder(args.runs / args.polish), next(made.model.parameters()).device)
    return polish_by(rbm, made, args.polish_way or "step")


def _places(out: Path | None, folder: Path, count: int) -> list[Path]:
    """Where the pieces go: nothing is written over, and a folder is made where there is none."""
    if out is None:
        taken = [path.stem.removeprefix("generated-") for path in folder.glob("generated-*.mid")]
        first = 1 + max((int(number) for number in taken if number.isdecimal()), default=0)
        return [folder / f"generated-{number:03}.mid" for number in range(first, first + count)]
    places = (
        [out] if count == 1 else [out.with_stem(f"{out.stem}-{number}") for number in range(1, count + 1)]
    )
    for place in places:
        if place.exists():
            raise SettingError(f"{place}: exists already, and nothing is written over; say another name")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"{out.parent}: no folder can be made there: {error.strerror}") from None
    return places


def _heard(playing: Playing, rows: Rows) -> Heard:
    return heard(playing.made.model, rows, playing.memory)


def _generate(playing: Playing, before: Heard | None, seed: int, place: Path) -> dict[str, Any]:
    """Write a piece; the record of it."""
    made, polish = playing.made, playing.polish
    record: dict[str, Any] = {"file": str(place), "seed": seed}

    def polished(rows: Rows) -> Rows:
        if polish is None:
            return rows
        after, unchanged = polish(rows, seed)
        record["unchanged"] = asdict(unchanged)
        return after

    prompt = (
        playing.prompt.rows if playing.prompt else first_rows(made.model, made.encoding, playing.memory, seed)
    )
    drawn = drawn_on(
        made.model,
        before or _heard(playing, prompt),
        playing.drawing,
        seed=seed,
        allowed=playing.allowed,
        memory=playing.memory,
    )
    played = played_on(made.encoding, prompt, drawn, playing.length, polished)
    with_prompt = playing.prompt is not None and not playing.only_new
    new, of_prompt = _write(_phrase(playing, played), place, with_prompt=with_prompt)
    return record | {
        "notes": new,
        "prompt_notes": of_prompt,
        "seconds": round(max(played.new.until - played.begins_at, 0.0), 3),
        "rows": played.rows,
        "unit": made.model.unit,
        "is_short": played.is_short,
    }


def _phrase(playing: Playing, played: PlayedOn) -> Phrase:
    """What is written: with the prompt in a voice of its own, if there was one and it is wanted."""
    if playing.prompt is None:
        phrase = replace(
            played.together, notes=tuple(replace(note, voice=0) for note in played.together.notes)
        )
    else:
        phrase = played.new_alone if playing.only_new else played.together
    return reversed_in_time(phrase) if playing.turned else phrase


def _write(phrase: Phrase, place: Path, *, with_prompt: bool) -> tuple[int, int]:
    """Write a new file; how many notes stand in it: new ones, and of the prompt.

    Notes that strike one key at once count as one.
    """
    try:
        data = midi_bytes(phrase, parts=_PARTS if with_prompt else ())
    except ValueError as error:
        raise SettingError(f"{place}: not written: {error}") from None
    try:
        with place.open("xb") as file:
            file.write(data)
    except OSError as error:
        raise SettingError(f"{place}: can't be written: {error.strerror}; say another place") from None
    notes = read_pieces_from(data, str(place))[0].phrase.notes
    of_prompt = sum(note.voice == _PROMPT for note in notes) if with_prompt else 0
    return len(notes) - of_prompt, of_prompt


def _line(record: dict[str, Any]) -> str:
    after = f" after a prompt of {record['prompt_notes']}" if record["prompt_notes"] else ""
    line = (
        f"{record['file']}: {_counted(record['notes'], 'note')}{after}, {record['seconds']:.1f} s, "
        f"{_counted(record['rows'], record['unit'])}, seed {record['seed']}"
    )
    if record["is_short"]:
        line += (
            f"; stopped at {record['rows']} {record['unit']}s before it was long enough "
            "(--rows sets that limit)"
        )
    if "unchanged" in record:
        share = record["unchanged"]
        line += (
            f"; polished, {share['sounding']:.1%} of what sounded "
            f"and {share['all']:.1%} of all cells unchanged"
        )
    return line


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _settings(playing: Playing, args: argparse.Namespace) -> dict[str, Any]:
    """What it was drawn with."""
    settings = {
        "from": None if args.source is None else str(args.source),
        "argmax": args.argmax,
        **asdict(playing.drawing),
        "format_filter": playing.allowed is not None,
        "reversed": playing.turned,
        **{f"asked_{name}": value for name, value in asdict(playing.length).items()},
    }
    if playing.polish:
        settings |= {"polish": playing.polish.run, "polish_way": playing.polish.way}
    return settings


def _settings_line(playing: Playing, args: argparse.Namespace) -> str:
    drawing = playing.drawing
    words = [
        f"from {args.source}" if args.source else "from nothing",
        "the likeliest always" if drawing.argmax_share == 1 else f"temperature {drawing.temperature:g}",
        f"of the {drawing.top_k} likeliest" if drawing.top_k else "",
        f"top {drawing.top_p:g}" if drawing.top_p < 1 else "",
        f"{drawing.argmax_share:.0%} of choices the likeliest" if 0 < drawing.argmax_share < 1 else "",
        "format filter" if playing.allowed else "",
        f"polished by {playing.polish.run}, {playing.polish.way} by {playing.polish.way}"
        if playing.polish
        else "",
        "turned forwards again, for it learnt music backwards" if playing.turned else "",
    ]
    return f"{args.run}: {', '.join(word for word in words if word)}"


def _say(line: str) -> None:
    print(line, file=sys.stderr)
