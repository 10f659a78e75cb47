"""`antiphon evaluate`: how well a model does on held-out music, what it answers, and whether that belongs.

Joins the judge to what it judges: torch for a run, the runtime for a file, each imported only when it is
needed.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commands.parts.answering import MODEL_FILE, answerer_named, file_of_run, run_answering
from commands.parts.machine import this_machine
from commands.parts.places import CORPORA, add_corpora, add_corpus, add_runs, refuse_old_name
from commands.parts.refusal import refusing
from evaluation.alone.soloist import Soloist
from evaluation.alone_report import CALLS as CALLS_ALONE
from evaluation.alone_report import MINUTES, MOST_MINUTES, AloneReport, judge_alone
from evaluation.answering.answerer import Answerer
from evaluation.answering.answers import own_answers
from evaluation.answering.answers_page import answers_beside, answers_page
from evaluation.answering.own_call import OwnCall
from evaluation.answering.own_calls import OWN_CALLS
from evaluation.answering.roll_svg import roll_svg
from evaluation.belonging_report import CALLS, BelongingReport, judge_belonging
from evaluation.judge import Judged, answerer_of, judge
from evaluation.kept_report import save_text
from evaluation.phrase_ends_report import PhraseEndsReport, judge_phrase_ends
from evaluation.report import Report
from evaluation.row_report import RowReport
from music.midi.files import write_midi
from music.phrase import Phrase
from music.piece import Part
from music.settings import SettingError
from pieces.corpus import Corpus
from pieces.music_sets import SPLITS

if TYPE_CHECKING:
    from training.opened_run import OpenedRun

EXAMPLES = """\
  antiphon evaluate mine
  antiphon evaluate mine --corpus corpora/maestro-v3.safetensors
  antiphon evaluate runs/mine/mine-int8.onnx --split validation --json
  antiphon evaluate runs/mine/mine-int8.onnx --answers answers
  antiphon evaluate mine.onnx --answers answers --beside notes.onnx rolls.onnx none
  antiphon evaluate mine --belonging corpora/rolls.safetensors corpora/maestro-v3.safetensors
  antiphon evaluate none --belonging corpora/rolls.safetensors --split validation --calls 80
  antiphon evaluate none --phrase-ends corpora/rolls.safetensors corpora/maestro-v3.safetensors
  antiphon evaluate mine.onnx --alone corpora/rolls.safetensors --minutes 10"""

_BY_RULE = "none"  # as `play --model` calls the answer without a network
_JOINED = "+"
_PARTS = (Part(0, "Call", channel=0), Part(1, "Answer", channel=1, pedalled=False))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a run's name, an exported file (needs no torch), or none: the answer by rule (--belonging), or "
        "no answer at all (--phrase-ends)",
    )
    add_runs(parser)
    add_corpus(parser, "the corpus to judge on (default: the model's own)")
    add_corpora(parser, f"where a run's lay when it began, else {CORPORA}")
    refuse_old_name(parser, "--data", "--corpus FILE")
    parser.add_argument(
        "--split", choices=SPLITS, default="test", help="which of its pieces (default: %(default)s)"
    )
    parser.add_argument(
        "--answers",
        type=Path,
        metavar="DIR",
        help="judge nothing: let it answer twenty calls of our own, and write them there as MIDI files "
        "and pictures",
    )
    parser.add_argument(
        "--beside",
        nargs="+",
        metavar="MODEL",
        help="with --answers: these models (runs or files of any family, or none for the rule) answer the "
        "same calls, and answers.md shows all answers to a call beside one another",
    )
    parser.add_argument(
        "--belonging",
        nargs="+",
        metavar="CORPUS",
        help="judge instead whether its answers belong to calls of these corpora (files), beside how the "
        "pieces go on, strangers, and the answer by rule; those joined by + are one sort of music",
    )
    parser.add_argument(
        "--alone",
        nargs="+",
        type=Path,
        metavar="CORPUS",
        help="judge instead how it goes on by itself from calls of our own: whether it loops, falls silent, "
        "or leaves the density and loudness of the pieces of these corpora (files)",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        metavar="M",
        help=f"with --alone: for so long, from each call (default: {MINUTES:g})",
    )
    parser.add_argument(
        "--calls",
        type=int,
        metavar="N",
        help=f"with --belonging: at most so many calls of each sort of music (default: {CALLS}); "
        f"with --alone: of our own (default: {CALLS_ALONE})",
    )
    parser.add_argument(
        "--recited-from",
        nargs="+",
        type=Path,
        metavar="CORPUS",
        help="with --belonging: look for the answers' tunes in the train pieces of these corpora, too",
    )
    parser.add_argument(
        "--phrase-ends",
        nargs="+",
        metavar="CORPUS",
        help="judge instead how the performer hears that a phrase is over, in these corpora (files): "
        "hand-overs in vain a minute against the delay at true ends, beside a fixed silence; with none",
    )
    parser.add_argument("--svg", type=Path, metavar="FILE", help="with --phrase-ends: draw the curves, too")
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "cuda"),
        default="auto",
        help="what runs it (default: %(default)s: a GPU for a run of events where there is one; "
        "else the CPU)",
    )
    parser.add_argument("--json", action="store_true", help="print the whole report as JSON")


@refusing
def run(args: argparse.Namespace) -> int:
    """Judge a model; the report is kept beside it."""
    _check_phrase_ends(args)
    _check_contradictions(args)
    if args.beside is not None and args.answers is None:
        raise SettingError("--beside is who else answers calls of our own: say --answers DIR, too")
    if args.answers is not None:
        return _write_answers(args)
    if args.belonging is not None:
        return _judge_belonging(args)
    if args.phrase_ends is not None:
        return _judge_phrase_ends(args)
    if args.alone is not None:
        return _judge_alone(args)
    is_file = args.model.endswith(MODEL_FILE)
    if _reads_rows(args):
        return _judge_rows(args) if is_file else _judge_rows_of_run(args)
    judged, corpus, folder = _file_to_judge(args) if is_file else _run_to_judge(args)
    report = judge(judged, corpus, args.split, this_machine(), _say)
    return _kept(report, folder / f"{corpus.description.name}-{args.split}.json", args.json)


def _reads_rows(args: argparse.Namespace) -> bool:
    """Whether a file or a run is of another family than events."""
    from realtime.inference.bundle import LIVE_FAMILY, read_bundle

    if args.model.endswith(MODEL_FILE):
        return read_bundle(Path(args.model)).header.family != LIVE_FAMILY
    from training.opened_run import opened

    return bool(opened(args.runs / args.model).recipe.model.kind != LIVE_FAMILY)


def _judge_rows(args: argparse.Namespace) -> int:
    from commands.parts.judged_file import corpus_of
    from commands.parts.judged_rows import judge_rows
    from realtime.inference.bundle import read_bundle

    path = Path(args.model)
    corpus = Corpus(args.corpus or corpus_of(read_bundle(path), args.corpora or CORPORA))
    report = judge_rows(path, _device_of_file(args), corpus, args.split, this_machine())
    place = path.with_suffix(".evaluation") / "rows" / f"{corpus.description.name}-{args.split}.json"
    return _kept(report, place, args.json)


def _judge_rows_of_run(args: argparse.Namespace) -> int:
    from commands.parts.judged_rows import judge_rows_of_run
    from training.opened_run import opened

    run = opened(args.runs / args.model)
    corpus = Corpus(args.corpus or _own_corpus(run, args.corpora))
    folder, device = run.folder.path, _device_of_file(args)
    report = judge_rows_of_run(folder, device, corpus, args.split, this_machine())
    return _kept(
        report, folder / "evaluation" / "rows" / f"{corpus.description.name}-{args.split}.json", args.json
    )


def _kept(
    report: Report | BelongingReport | PhraseEndsReport | RowReport | AloneReport, path: Path, as_json: bool
) -> int:
    """Print a report, and then keep it: so it is seen, should the disk be full."""
    print(report.json() if as_json else "\n".join(report.table()), flush=True)
    report.save(path)
    _say(f"kept in {path}")
    return 0


def _check_contradictions(args: argparse.Namespace) -> None:
    if args.answers is not None and args.json:
        raise SettingError(
            "--answers writes MIDI files and pictures, no report: leave out --json or --answers"
        )
    if args.answers is not None and (args.corpus or args.corpora):
        raise SettingError(
            "--answers plays to calls of our own, to no corpus: leave out --corpus and --corpora"
        )
    if args.belonging is not None and (args.corpus or args.corpora or args.answers is not None):
        raise SettingError(
            "--belonging names its corpora itself, and keeps a report: leave out --corpus, --corpora "
            "and --answers"
        )
    if args.alone is not None and (args.corpus or args.corpora or args.answers or args.belonging):
        raise SettingError(
            "--alone names its corpora itself, and keeps a report: leave out --corpus, --corpora, --answers "
            "and --belonging"
        )
    if args.minutes is not None and (args.alone is None or not 1 <= args.minutes <= MOST_MINUTES):
        raise SettingError(
            f"--minutes {args.minutes:g}: from 1 to {MOST_MINUTES:g} minutes by itself, for --alone CORPUS"
        )
    if args.calls is not None and ((args.belonging or args.alone) is None or args.calls < 1):
        raise SettingError(
            f"--calls {args.calls}: a number of calls, 1 or more, for --belonging CORPUS or --alone CORPUS"
        )
    if args.recited_from is not None and args.belonging is None:
        raise SettingError("--recited-from is looked for in answers to calls: --belonging CORPUS")
    asked = (args.belonging, args.alone, args.phrase_ends, args.answers)
    if args.model == _BY_RULE and not any(asked):
        raise SettingError(
            "none is the answer by rule, of which only answers can be judged: --belonging CORPUS, or --alone "
            "CORPUS; or heard: --answers DIR"
        )
    if args.corpus and args.corpora:
        raise SettingError("--corpus names the file, so --corpora can't matter: leave one out")


def _check_phrase_ends(args: argparse.Namespace) -> None:
    if args.phrase_ends is not None and (args.model != _BY_RULE or args.belonging or args.answers):
        raise SettingError(
            f"--phrase-ends judges the performer, no model's answers: antiphon evaluate {_BY_RULE} "
            "--phrase-ends CORPUS, without --belonging or --answers"
        )
    if args.phrase_ends is not None and (args.corpus or args.corpora):
        raise SettingError("--phrase-ends names its corpora itself: leave out --corpus and --corpora")
    if args.svg is not None and args.phrase_ends is None:
        raise SettingError(
            f"--svg {args.svg}: the curves of --phrase-ends CORPUS are drawn, and nothing else"
        )


def _judge_belonging(args: argparse.Namespace) -> int:
    """Let the model, if there is one, and the rule answer calls of corpora; the report is kept beside it."""
    from realtime.answerers.model_file import SEED
    from realtime.answerers.rehearsal import Rehearsal
    from realtime.answerers.rule.imitation import Imitation

    sorts = _sorts("--belonging", args.belonging)
    rule = Imitation(SEED)
    answerers: dict[str, Answerer] = {"rule": Rehearsal(rule)}
    if args.model == _BY_RULE:
        about, folder = {"name": rule.name}, Path(f"{_BY_RULE}.evaluation")
    else:
        answerer, about, folder = _answering(args)
        answerers = {"model": answerer} | answerers
    most = CALLS if args.calls is None else args.calls
    learnt = [Corpus(path) for path in args.recited_from or ()]
    report = judge_belonging(answerers, about, sorts, args.split, this_machine(), _say, most, learnt)
    if isinstance(model := answerers.get("model"), Rehearsal):
        report.model["rule_stood_in"] = model.stood_in
    return _kept(report, folder / "belonging" / f"{args.split}.json", args.json)


def _judge_phrase_ends(args: argparse.Namespace) -> int:
    """Let the performer hear the silences of corpora, and draw how it does; the report is kept."""
    from commands.parts.phrase_ends import ways

    sorts = _sorts("--phrase-ends", args.phrase_ends)
    report = judge_phrase_ends(ways(), sorts, args.split, this_machine(), _say)
    if args.svg is not None:
        save_text(report.picture(), args.svg)
        _say(f"drawn in {args.svg}")
    return _kept(report, Path(f"{_BY_RULE}.evaluation") / "phrase-ends" / f"{args.split}.json", args.json)


def _judge_alone(args: argparse.Namespace) -> int:
    """Let the model, as it answers and as it is drawn, and the rule go on by themselves; the report is kept
    beside it."""
    from commands.parts.judged_file import as_drawn
    from realtime.answerers.model_file import SEED
    from realtime.answerers.rehearsal import Rehearsal
    from realtime.answerers.rule.imitation import Imitation

    rule = Imitation(SEED)
    soloists: dict[str, Soloist] = {"rule": Rehearsal(rule)}
    about, folder = {"name": rule.name}, Path(f"{_BY_RULE}.evaluation")
    if args.model != _BY_RULE:
        model, about, folder = _answering(args)
        if not isinstance(model, Rehearsal):
            raise SettingError(f"{args.model}: it can't play by itself; export it first")
        soloists = {"model": model, "as drawn": as_drawn(model)} | soloists
    minutes = MINUTES if args.minutes is None else args.minutes
    calls = CALLS_ALONE if args.calls is None else args.calls
    corpora = [Corpus(path) for path in args.alone]
    report = judge_alone(soloists, about, corpora, args.split, this_machine(), _say, minutes, calls)
    return _kept(report, folder / "alone" / f"{args.split}.json", args.json)


def _answering(args: argparse.Namespace) -> tuple[Answerer, dict[str, Any], Path]:
    """Who answers, what is known of the model, and the folder beside it where its reports are kept."""
    if args.model.endswith(MODEL_FILE):
        from commands.parts.judged_file import description_of
        from realtime.answerers.model_file import rehearsal_of, session_of

        path = Path(args.model)
        session = session_of(path, _device_of_file(args))
        return rehearsal_of(session), description_of(session), path.with_suffix(".evaluation")
    if _reads_rows(args):
        return _rows_answering(args.runs / args.model)
    judged, folder = _run(args)
    return answerer_of(judged), judged.about, folder


def _rows_answering(folder: Path) -> tuple[Answerer, dict[str, Any], Path]:
    """The same of a run of another family than events."""
    from commands.parts.judged_file import description_of
    from realtime.answerers.model_file import rehearsal_of, session_of

    with file_of_run(folder) as path:
        session = session_of(path)
    return rehearsal_of(session), description_of(session) | {"name": folder.name}, folder / "evaluation"


def _sorts(option: str, words: Sequence[str]) -> dict[str, list[Corpus]]:
    """The corpora of each sort of music, by their names."""
    sorts = [[Corpus(Path(path)) for path in word.split(_JOINED)] for word in words]
    named = {_JOINED.join(corpus.description.name for corpus in corpora): corpora for corpora in sorts}
    if len(named) < len(sorts):
        raise SettingError(f"{option} {' '.join(words)}: one corpus twice; leave one out")
    return named


def _file_to_judge(args: argparse.Namespace) -> tuple[Judged, Corpus, Path]:
    """The file, the music, and the folder beside it where its reports are kept."""
    from commands.parts.judged_file import corpus_of
    from realtime.inference.bundle import read_bundle

    bundle = read_bundle(Path(args.model))
    _refuse_backwards(args.model, is_backwards=bundle.header.is_backwards)
    corpus = Corpus(args.corpus or corpus_of(bundle, args.corpora or CORPORA))
    judged, folder = _file(args)
    return judged, corpus, folder


def _refuse_backwards(model: str, *, is_backwards: bool) -> None:
    """An error for a model of events that learnt music turned round: they are judged as they were played."""
    if is_backwards:
        raise SettingError(
            f"{model}: it learnt music backwards, and events are judged forwards; how well it learnt stands "
            "in its run's curves.jsonl, and antiphon generate lets it be heard"
        )


def _file(args: argparse.Namespace) -> tuple[Judged, Path]:
    from commands.parts.judged_file import judged_file

    path = Path(args.model)
    return judged_file(path, _device_of_file(args)), path.with_suffix(".evaluation")


def _run_to_judge(args: argparse.Namespace) -> tuple[Judged, Corpus, Path]:
    from training.opened_run import opened
    from training.playing.generation import learns_backwards

    run = opened(args.runs / args.model)
    _refuse_backwards(args.model, is_backwards=learns_backwards(run.recipe))
    corpus = Corpus(args.corpus or _own_corpus(run, args.corpora))
    judged, folder = _run(args)
    return judged, corpus, folder


def _run(args: argparse.Namespace) -> tuple[Judged, Path]:
    from training.judged_run import judged_run
    from training.opened_run import opened

    run = opened(args.runs / args.model)
    judged = judged_run(run, args.device, lambda: run_answering(run.folder.path))
    return judged, run.folder.path / "evaluation"


def _own_corpus(run: "OpenedRun", corpora: Path | None) -> Path:
    names = run.recipe.data.corpora
    if len(names) > 1:
        raise SettingError(
            f"{run.folder.path} was trained on {', '.join(names)}: say which to judge on (--corpus FILE)"
        )
    return (corpora or run.corpora(CORPORA)) / f"{names[0]}.safetensors"


def _device_of_file(args: argparse.Namespace) -> str:
    return "cpu" if args.device == "auto" else str(args.device)


def _write_answers(args: argparse.Namespace) -> int:
    """The answers of the model, or of several to the same calls, and a page with all of them."""
    folder: Path = args.answers
    models = [args.model, *(args.beside or ())]
    names = [model if model == _BY_RULE else Path(model).stem for model in models]
    if len(set(names)) < len(names):
        raise SettingError(f"--beside {' '.join(models[1:])}: two models of one name; leave one out")
    answerers = [_answerer(model, args) for model in models]
    folder.mkdir(parents=True, exist_ok=True)
    answered, pictures = {}, {}
    for name, answerer in zip(names, answerers, strict=True):
        after = f"-{name}" if args.beside else ""
        if args.beside:
            print(f"{name}:")
        answered[name] = own_answers(answerer)
        pictures[name] = [
            _write_answer(folder, f"{number:02}-{call.name.lower().replace(' ', '-')}{after}", call, answer)
            for number, (call, answer) in enumerate(answered[name], 1)
        ]
    page = (
        answers_beside(answered, pictures)
        if args.beside
        else answers_page(answered[names[0]], pictures[names[0]])
    )
    (folder / "answers.md").write_text(page, "utf-8")
    return 0


def _answerer(model: str, args: argparse.Namespace) -> Answerer:
    if model == _BY_RULE:
        from realtime.answerers.model_file import rehearsal_by_rule

        return rehearsal_by_rule()
    return answerer_named(model, args.runs, _device_of_file(args))


def _write_answer(folder: Path, stem: str, call: OwnCall, answer: Phrase) -> str:
    """An answer as music and as a picture; the picture's file."""
    heard = call.phrase()
    write_midi(_together(heard, answer), folder / f"{stem}.mid", parts=_PARTS)
    (folder / f"{stem}.svg").write_text(roll_svg(f"{call.name}: {call.about}", heard, answer), "utf-8")
    width = max(len(own.name) for own in OWN_CALLS)
    print(
        f"{call.name:{width}}  {len(heard.notes)} notes in {heard.until:.1f} s, "
        f"answered by {len(answer.notes)} in {_lasts(answer):.1f} s: {folder / stem}.mid",
        flush=True,
    )
    return f"{stem}.svg"


def _together(call: Phrase, answer: Phrase) -> Phrase:
    """Both on one clock, the answer in a voice of its own."""
    return Phrase.of([*call.notes, *(replace(note, voice=1) for note in answer.notes)], call.pedals)


def _lasts(phrase: Phrase) -> float:
    return phrase.until - phrase.notes[0].at if phrase.notes else 0.0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
