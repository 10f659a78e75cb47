"""A run's model plays by itself, into a MIDI file: what `antiphon generate RUN` does. By torch.

Must not know exported files.
"""

import argparse
import json
import secrets
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from commands.parts.generating.generated import DEFAULT_S, line, phrase_written, places, write
from commands.parts.places import CORPORA
from music.continuing import prompt as prompts
from music.continuing.continuation import Length, played_on
from music.continuing.prompt import Prompt, prompt_of
from music.midi.files import read_phrase
from music.settings import SettingError
from music.tokens.encoding import Encoding
from pieces.corpus import Corpus
from pieces.music import Rows
from pieces.token_pieces import encode_pieces
from training.learning.checkpoint import RunFolder
from training.learning.learner import part_of
from training.models.drawing import Drawing
from training.models.rolls.rbm import RbmSettings
from training.models.rolls.sliding import Sliding, that_draws, why_it_draws_nothing
from training.opened_run import Trained, before_learning, opened, trained
from training.playing.by_frequency import Frequencies
from training.playing.generation import (
    LIKELIEST,
    Allowed,
    Heard,
    Memory,
    drawn_on,
    first_rows,
    heard,
    learns_backwards,
    memory_of,
)
from training.playing.polish import Polish, polish_by
from training.run import device_named


@dataclass(frozen=True, slots=True)
class Playing:
    """A model with all that was asked of it, but for the seed and the place; where music is to be drawn by
    frequency, what was counted."""

    made: Trained
    memory: Memory
    drawing: Drawing
    allowed: Allowed | None
    length: Length
    turned: bool
    prompt: Prompt | None
    polish: Polish | None
    only_new: bool
    counted: Frequencies | None


def generate_by_run(args: argparse.Namespace) -> int:
    """Let a run play; the exit status."""
    playing = _playing(args)
    seed = secrets.randbelow(1_000_000) if args.seed is None else args.seed
    there = places(args.out, playing.made.folder.path, args.count)
    before = None if playing.prompt is None else _heard(playing, playing.prompt.rows)
    pieces = [_generate(playing, before, seed + number, place) for number, place in enumerate(there)]
    if args.json:
        print(json.dumps({"run": args.run, "settings": _settings(playing, args), "pieces": pieces}, indent=2))
    else:
        print("\n".join([*map(line, pieces), _settings_line(playing, args)]))
    return 0


def _playing(args: argparse.Namespace) -> Playing:
    drawing = _drawing(args)
    made = _made(args)
    if isinstance(made.recipe.model, RbmSettings):
        if why := why_it_draws_nothing(made.recipe.model):
            raise SettingError(f"{args.run}: {why}")
        made = replace(made, model=that_draws(made.model))
    _check_choices(args, made)
    turned = learns_backwards(made.recipe)
    if args.reverse and not turned:
        raise SettingError(
            f"{args.run} learnt music forwards, so there is nothing to turn; leave out --reverse"
        )
    return Playing(
        made,
        _memory(made),
        drawing,
        None if args.no_format_filter else _filter(made.encoding),
        Length(DEFAULT_S if args.seconds is None and args.rows is None else args.seconds, args.rows),
        turned and args.reverse is not False,
        _prompt(args, made) if args.source else None,
        _polish(args, made) if args.polish else None,
        args.only_new,
        _counted_in(made, args.corpora) if args.baseline == "frequency" else None,
    )


def _memory(made: Trained) -> Memory:
    """What it remembers: as far back as it learnt to; a machine that slides, its window."""
    memory = memory_of(made.recipe)
    return replace(memory, window=0) if isinstance(made.model, Sliding) else memory


def _made(args: argparse.Namespace) -> Trained:
    """The run's model, or as it was before it learnt."""
    folder, device = RunFolder(args.runs / args.run), device_named(args.device)
    return trained(folder, device) if args.baseline is None else before_learning(folder, device)


def _counted_in(made: Trained, corpora: Path | None) -> Frequencies:
    """How often each thing stood in the pieces that the run learnt from."""
    folder = corpora or opened(made.folder.path).corpora(CORPORA)
    data = made.recipe.data
    read = [Corpus(folder / f"{name}.safetensors") for name in data.corpora]
    return Frequencies.of(
        made.encoding, part_of(encode_pieces(read, made.encoding, "train", data.transform, data.most), data)
    )


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


def _check_choices(args: argparse.Namespace, made: Trained) -> None:
    """Options that the encoding or the model has no use for."""
    encoding = made.encoding
    if encoding.vocabulary.is_roll and (args.top_k or args.top_p):
        raise SettingError(
            "each key of a roll is drawn as a yes or no, so --top-k and --top-p have nothing to choose from; "
            "say --temperature or --mix"
        )
    if args.no_format_filter and _filter(encoding) is None:
        raise SettingError(
            f"the encoding {encoding.name} has no format to be filtered by; leave out --no-format-filter"
        )
    if args.no_format_filter and getattr(made.recipe.model, "format_filter", False):
        raise SettingError(
            f"{args.run} learnt with the format filter within it, so it can't do without; leave out "
            "--no-format-filter"
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
    drawn = _drawn(playing, before, prompt, seed)
    played = played_on(made.encoding, prompt, drawn, playing.length, polished)
    phrase = phrase_written(
        played,
        has_prompt=playing.prompt is not None,
        only_new=playing.only_new,
        is_turned=playing.turned,
    )
    with_prompt = playing.prompt is not None and not playing.only_new
    new, of_prompt = write(phrase, place, with_prompt=with_prompt)
    return record | {
        "notes": new,
        "prompt_notes": of_prompt,
        "seconds": round(max(played.new.until - played.begins_at, 0.0), 3),
        "rows": played.rows,
        "unit": made.model.unit,
        "is_short": played.is_short,
    }


def _drawn(playing: Playing, before: Heard | None, prompt: Rows, seed: int) -> Iterator[Rows]:
    """Row after row, without end."""
    if playing.counted is not None:
        return playing.counted.drawn(seed)
    return drawn_on(
        playing.made.model,
        before or _heard(playing, prompt),
        playing.drawing,
        seed=seed,
        allowed=playing.allowed,
        memory=playing.memory,
    )


def _settings(playing: Playing, args: argparse.Namespace) -> dict[str, Any]:
    """What it was drawn with."""
    settings = {
        "from": None if args.source is None else str(args.source),
        "argmax": args.argmax,
        **asdict(playing.drawing),
        "format_filter": playing.allowed is not None,
        "reversed": playing.turned,
        "baseline": args.baseline,
        **{f"asked_{name}": value for name, value in asdict(playing.length).items()},
    }
    if playing.polish:
        settings |= {"polish": playing.polish.run, "polish_way": playing.polish.way}
    return settings


def _settings_line(playing: Playing, args: argparse.Namespace) -> str:
    drawing = playing.drawing
    words = [
        f"from {args.source}" if args.source else "from nothing",
        {"untrained": "by the model before it learnt", "frequency": "by frequency alone"}.get(
            args.baseline, ""
        ),
        ""
        if playing.counted
        else "the likeliest always"
        if drawing.argmax_share == 1
        else f"temperature {drawing.temperature:g}",
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
