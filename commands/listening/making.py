"""`antiphon listening-test make`: from a corpus and sources to a test that gives none of them away."""

import argparse
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from commands.parts.answering import answerer_named
from commands.parts.machine import this_machine
from commands.parts.places import add_corpus, add_runs
from evaluation.answering.answerer import Answerer
from evaluation.answering.answers import rows_of
from evaluation.answering.own_calls import OWN_CALLS
from evaluation.belonging.partners import partners_of
from evaluation.belonging.phrase_calls import Call, phrase_calls
from listening.clips import PAUSE_S, WAYS, Condition, Item, conditions_of, matched
from listening.folder import NOTES, WAV, ClipFile, ListeningFolder, ListeningTest, notes_text
from listening.scales import SCALES
from listening.sounds import TAIL_S, can_render, render, sound_font
from music.midi.files import read_phrase
from music.phrase import Phrase, pedal_folded
from music.settings import SettingError
from music.whole_file import write_whole
from pieces.corpus import Corpus
from pieces.music_sets import SPLITS

HUMAN, RULE = "human", "rule"
_BASELINES = ("stranger", "tuned_stranger", "another_passage", "echo")
_ITEMS = 18
_SPARE = 3  # times as many calls are asked for: some answers are too short
_SOUNDS = ("auto", "fluidsynth", "page")
_LICENCES_FOR_ALL = ("ship", "sharealike")


@dataclass(frozen=True, slots=True)
class _Named:
    """A source as it was said: what it is called, and a folder of MIDI files where it is one."""

    name: str
    files: tuple[Path, ...] = ()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_corpus(parser, "the corpus whose pieces the calls are of")
    parser.add_argument(
        "--sources",
        nargs="+",
        metavar="SOURCE",
        default=[HUMAN, RULE],
        help=f"who is heard: {HUMAN} (how the piece really goes on), {RULE} (the answer without a network), "
        f"a run's name, an exported file, a baseline ({', '.join(_BASELINES)}), or NAME=FOLDER: MIDI files "
        "that were played without a call, as by `antiphon generate` (default: human rule)",
    )
    parser.add_argument(
        "--heard",
        choices=WAYS,
        default="after",
        help="after the call, alone, or both (default: %(default)s)",
    )
    parser.add_argument(
        "--scale",
        choices=SCALES,
        default="closeness",
        help="closeness: 0 to 5, one clip at a time; novice: 1 to 10, three clips back to back "
        "(default: %(default)s)",
    )
    parser.add_argument(
        "--items",
        type=int,
        default=_ITEMS,
        metavar="N",
        help="how many clips each listener hears, at most (default: %(default)s)",
    )
    parser.add_argument(
        "--split", choices=SPLITS, default="test", help="which of the pieces (default: %(default)s)"
    )
    parser.add_argument("--title", default="Listening to piano music", help="what listeners read on top")
    parser.add_argument(
        "--sound",
        choices=_SOUNDS,
        default="auto",
        help="rendered by FluidSynth, or played by the page's own piano (default: FluidSynth where it and a "
        "sound font are installed)",
    )
    parser.add_argument("--sound-font", type=Path, metavar="FILE", help="for FluidSynth")
    add_runs(parser)


def run(args: argparse.Namespace) -> int:
    """Let every source answer the same calls, and write the test."""
    _check(args)
    font = args.sound_font or sound_font()
    sound = _sound(args.sound, font)
    sources = [_source(word) for word in args.sources]
    conditions = conditions_of(
        [one.name for one in sources], args.heard, [one.name for one in sources if one.files]
    )
    if args.items < len(conditions):
        raise SettingError(
            f"--items {args.items}: each listener hears each of {len(conditions)} conditions at least once: "
            f"--items {len(conditions)} or more"
        )
    corpus = Corpus(args.corpus)
    calls = _calls(corpus, args)
    passages = {one.name: _passages(one, calls, args) for one in sources}
    items, too_little = matched(calls[: min(map(len, passages.values()))], passages, conditions)
    items = items[: args.items - args.items % len(conditions)]
    items = items[: len(items) - len(items) % len(conditions)]
    _refuse_too_few(items, conditions, too_little)
    _write(args, corpus, sound, font, items, too_little)
    _say_what_was_made(args, corpus, sound, items, conditions, too_little)
    return 0


def _check(args: argparse.Namespace) -> None:
    if args.corpus is None:
        raise SettingError("--corpus FILE says whose calls are heard; `antiphon data prepare` makes one")
    if (args.folder / "test.json").exists():
        raise SettingError(f"{args.folder} has a test already, and maybe ratings of it: say a new folder")
    if len(set(args.sources)) < len(args.sources):
        raise SettingError(f"--sources {' '.join(args.sources)}: one of them twice; leave one out")
    names = [word.partition("=")[0] for word in args.sources]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SettingError(
            f"--sources {' '.join(args.sources)}: two are called {twice!r}, so ratings of one would count as "
            "the other's; give one of them another name"
        )


def _sound(wanted: str, font: Path | None) -> str:
    if wanted == "fluidsynth" and not can_render(font):
        raise SettingError(
            "--sound fluidsynth: FluidSynth or a sound font is missing (apt-get install fluidsynth "
            "fluid-soundfont-gm); or say --sound page"
        )
    return NOTES if wanted == "page" or not can_render(font) else WAV


def _source(word: str) -> _Named:
    name, equals, folder = word.partition("=")
    if not equals:
        return _Named(word)
    files = tuple(sorted([*Path(folder).glob("*.mid"), *Path(folder).glob("*.midi")]))
    if not name or not files:
        raise SettingError(f"--sources {word}: no MIDI file lies in {folder or 'no folder'}: NAME=FOLDER")
    return _Named(name, files)


def _calls(corpus: Corpus, args: argparse.Namespace) -> list[Call]:
    _say(f"calls of the {args.split} pieces of {corpus.path}")
    calls = phrase_calls(corpus.phrases(args.split), _SPARE * args.items)
    if len({call.piece for call in calls}) < 2:
        raise SettingError(
            f"{corpus.path}: its {args.split} pieces give {len(calls)} calls, which is too few; take another "
            "split (--split) or corpus"
        )
    return calls


def _passages(source: _Named, calls: Sequence[Call], args: argparse.Namespace) -> list[Phrase]:
    """What a source plays to each call, or its files in order."""
    if source.files:
        return [read_phrase(path) for path in source.files]
    if source.name == HUMAN:
        return [call.continuation for call in calls]
    if source.name in _BASELINES:
        return list(partners_of(calls)[source.name])
    _say(f"answers to {len(calls)} calls: {source.name}")
    answerer = _answerer(source.name, args.runs)
    return [answerer.answer_to(call.phrase, number) for number, call in enumerate(calls)]


def _answerer(name: str, runs: Path) -> Answerer:
    if name == RULE:
        from realtime.answerers.model_file import rehearsal_by_rule

        return rehearsal_by_rule()
    return answerer_named(name, runs)


def _refuse_too_few(
    items: Sequence[Item], conditions: Sequence[Condition], too_little: Mapping[str, int]
) -> None:
    if not items:
        played = ", ".join(f"{name} {count}" for name, count in too_little.items())
        raise SettingError(
            f"fewer than {len(conditions)} calls have 3 s of music from every source; they played too little "
            f"so often: {played}; take another corpus, or leave a source out"
        )


def _write(
    args: argparse.Namespace,
    corpus: Corpus,
    sound: str,
    font: Path | None,
    items: Sequence[Item],
    too_little: Mapping[str, int],
) -> None:
    """Clips under names that say nothing, columns in an order drawn by chance, and the key."""
    columns = list(range(len(items[0].clips)))
    Random(secrets.randbits(64)).shuffle(columns)
    mixed = [replace(item, clips=tuple(item.clips[column] for column in columns)) for item in items]
    grid = [[_named(clip.seconds) for clip in item.clips] for item in mixed]
    example, heard = _example()
    test = ListeningTest(
        f"t{secrets.token_hex(6)}",
        args.title,
        SCALES[args.scale],
        sound,
        example,
        tuple(map(tuple, grid)),
    )
    folder = ListeningFolder(args.folder)
    (folder.path / "clips").mkdir(parents=True, exist_ok=True)
    music = {example.name: heard} | {
        file.name: clip.phrase
        for item, files in zip(mixed, grid, strict=True)
        for clip, file in zip(item.clips, files, strict=True)
    }
    _write_clips(folder, test, music, font)
    folder.begin(test, _key(args, corpus, mixed, grid, too_little))


def _named(seconds: float) -> ClipFile:
    return ClipFile(f"c{secrets.token_hex(8)}", round(seconds + TAIL_S, 2))


def _example() -> tuple[ClipFile, Phrase]:
    """A call that we composed: of none of the sources."""
    phrase = pedal_folded(OWN_CALLS[0].phrase())
    return _named(phrase.until), phrase


def _write_clips(
    folder: ListeningFolder, test: ListeningTest, music: Mapping[str, Phrase], font: Path | None
) -> None:
    clips = [(clip, music[clip.name], folder.clip(test, clip.name)) for clip in test.clips()]
    if test.sound == NOTES:
        for clip, phrase, path in clips:
            write_whole(path, notes_text(rows_of(phrase), clip.seconds))
        return
    assert font is not None
    _say(f"{len(clips)} clips by FluidSynth with {font}")
    render([(phrase, clip.seconds - TAIL_S) for clip, phrase, _ in clips], [path for *_, path in clips], font)


def _key(
    args: argparse.Namespace,
    corpus: Corpus,
    items: Sequence[Item],
    grid: Sequence[Sequence[ClipFile]],
    too_little: Mapping[str, int],
) -> dict[str, Any]:
    description = corpus.description
    in_order = sorted({clip.condition.name for clip in items[0].clips}, key=_order(args.sources))
    return {
        "conditions": in_order,
        "sources": args.sources,
        "pause_s": PAUSE_S,
        "played_too_little": dict(too_little),
        "corpus": {
            "name": description.name,
            "hash": description.hash,
            "tier": description.tier,
            "licence": description.licence,
            "split": args.split,
        },
        "machine": this_machine(),
        "clips": {
            file.name: {
                "condition": clip.condition.name,
                "source": clip.condition.source,
                "heard": clip.condition.heard,
                "prompted": clip.condition.prompted,
                "piece": item.piece,
                "from_s": round(item.from_s, 3),
            }
            for item, files in zip(items, grid, strict=True)
            for clip, file in zip(item.clips, files, strict=True)
        },
    }


def _order(sources: Sequence[str]) -> Any:
    names = [word.partition("=")[0] for word in sources]
    return lambda condition: (names.index(condition.rpartition(", ")[0]), condition)


def _say_what_was_made(
    args: argparse.Namespace,
    corpus: Corpus,
    sound: str,
    items: Sequence[Item],
    conditions: Sequence[Condition],
    too_little: Mapping[str, int],
) -> None:
    by = "FluidSynth" if sound == WAV else "the page's own piano"
    print(f"{args.folder}: {len(items)} clips a listener, {len(conditions)} conditions, played by {by}")
    for name, count in too_little.items():
        if count:
            print(f"left out: {count} calls to which {name} played less than 3 s or 4 notes")
    description = corpus.description
    if description.tier not in _LICENCES_FOR_ALL:
        print(
            f"the calls are of {description.name}, tier {description.tier} ({description.licence}): "
            "clips aren't to be handed on beyond what that allows"
        )
    print(f"next: antiphon listening-test serve {args.folder}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
