"""What `antiphon play` was asked for, made of its options: who answers, by which rules, on which ports.

Must not know how it is played.
"""

import argparse
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from music.settings import SettingError
from realtime.answerers.answerer import Answerer
from realtime.engine.controls import ANSWERED_BY
from realtime.engine.wiring.delays import Delay
from realtime.engine.wiring.routes import Route
from realtime.inference.default_model import DEFAULT
from realtime.inference.runtime import NoRuntimeError
from realtime.knobs import (
    DEFAULT_CONTROLLERS,
    DEFAULT_KNOBS,
    KNOBS,
    MODEL,
    SAME,
    Knobs,
    Mode,
    Pause,
    controllers_of,
    learnt_beside,
)
from realtime.learnt import LEARNT, learnt_in
from realtime.midi.ports import PortSystem
from realtime.performer.rules import DEFAULT_RULES, Rules
from realtime.performer.sound.limits import Keeping, Limits
from realtime.presets import Preset, presets_in
from realtime.reach import Reach, reach_of
from realtime.rows.standing import controls_said
from realtime.rows.take import ANSWERER, WHICH_MODEL, default_folder, fresh_path
from realtime.rows.turned import ModelStands, Watcher
from realtime.shelf import RULE, Opened, Shelf

DEFAULT_PAGE_PORT = 8765
PRESETS = "presets.toml"  # in the folder of the takes


@dataclass(frozen=True, slots=True)
class Choices:
    """What `antiphon play` was asked for."""

    answerer: Answerer
    seed: int
    rules: Rules
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    midi_api: str | None = None
    thru: bool = True
    passes_system: bool = True
    sends_clock: bool = False
    joins_link: bool = False  # Ableton Link's session, for its clock
    routes: tuple[Route, ...] = ()
    delays: tuple[Delay, ...] = ()
    faders: tuple[str, ...] = ()
    call: Path | None = None
    fast: bool = False
    take: Path | None = None
    trace: Path | None = None  # where all that the performer takes in is written down

    model: str = "none"  # as it was asked for: default, none, or a file
    not_on_cuda: str | None = None  # why the answerer isn't, where it might have been
    on_cuda: str | None = None  # why it is, where nobody said so
    terms: str | None = None  # what the model's weights may not be used for
    doubt: str | None = None  # what is wrong with playing this model on this processor
    remarks: tuple[str, ...] = ()  # on what was said and does nothing yet, and on what holds unsaid
    shelf: Shelf | None = None  # who else can answer; None: nobody
    page_port: int | None = None  # None: no page
    page_port_is_a_wish: bool = True
    reach: Reach | None = None  # from where else than this machine; None: from nowhere
    opens_page: bool = False  # in the person's own browser
    system: PortSystem | None = None  # in place of the machine's own MIDI, and
    watchers: tuple[Watcher, ...] = ()  # others who watch the loop: for measuring
    controllers: Mapping[str, int] = field(default_factory=lambda: DEFAULT_CONTROLLERS)
    programs: Mapping[int, str] = field(default_factory=dict)  # counted from 0: a command's name, or a mode's
    learnt: Mapping[str, int] = field(default_factory=dict)  # controllers, on an evening before
    learnt_file: Path | None = None  # where they are kept
    presets: tuple[Preset, ...] = ()
    presets_file: Path | None = None  # where presets are kept that are made while it plays

    @property
    def about(self) -> list[str]:
        """What is written into a take: how to play it again."""
        return [
            f"{ANSWERER}{self.answerer.name}",
            f"seed: {self.seed}",
            f"{WHICH_MODEL}{self.model}",
            f"controls: {controls_said(self.rules)}",
        ]

    @property
    def models(self) -> tuple[str, ...]:
        """The names that can be changed to."""
        return () if self.shelf is None else self.shelf.names

    @property
    def wants_ports(self) -> bool:
        """Whether ports were named, so that there is no playing without them."""
        return any((self.inputs, self.outputs, self.routes, self.delays, self.faders))

    def model_stands(self, at: float) -> ModelStands:
        """Which model answers at first."""
        name = "" if self.shelf is None else self.shelf.begins_with
        return ModelStands(at, name, self.answerer.name, self.answerer.device, self.model)

    @classmethod
    def of(cls, args: argparse.Namespace) -> "Choices":
        """From the options; what was left to us is chosen here."""
        reach = None if args.host is None else reach_of(args.host, args.certificate, args.key)
        seed = secrets.randbelow(1_000_000) if args.seed is None else args.seed
        take = args.take or fresh_path(args.takes or default_folder())
        presets_file = args.presets or (args.takes or default_folder()) / PRESETS
        presets = presets_in(presets_file) if args.presets is not None or presets_file.exists() else ()
        learnt_file = presets_file.with_name(LEARNT)
        learnt = learnt_beside(args.cc, learnt_in(learnt_file))
        shelf, opened = _opened(Shelf.of(args.model, args.also, args.device, seed))
        _refuse_strangers(shelf, dict(args.programs), presets)
        return cls(
            answerer=opened.answerer,
            model=opened.file,
            not_on_cuda=opened.not_on_cuda,
            on_cuda=opened.on_cuda,
            doubt=opened.doubt,
            terms=opened.terms,
            remarks=tuple(_remarks(args, learnt)),
            shelf=shelf,
            seed=seed,
            rules=_rules(args),
            inputs=tuple(args.inputs),
            outputs=tuple(args.outputs),
            midi_api=args.midi_api,
            thru=not args.no_thru,
            passes_system=not args.no_system,
            sends_clock=args.send_clock,
            joins_link=args.link,
            routes=tuple(args.routes),
            delays=tuple(args.delays),
            faders=tuple(args.faders),
            call=args.call,
            fast=args.fast,
            take=None if args.no_take else take,
            trace=args.trace,
            page_port=_page_port(args),
            page_port_is_a_wish=args.page_port is None,
            reach=reach,
            opens_page=args.open,
            controllers=controllers_of(args.cc),
            programs=dict(args.programs),
            learnt=learnt,
            learnt_file=learnt_file,
            presets=presets,
            presets_file=presets_file,
        )


def _refuse_strangers(shelf: Shelf, programs: Mapping[int, str], presets: Sequence[Preset]) -> None:
    """Whoever is named by a program or a preset must be on the shelf."""
    named = [
        (f"--program {number + 1}={what}", what.removeprefix(ANSWERED_BY))
        for number, what in programs.items()
        if what.startswith(ANSWERED_BY)
    ]
    for preset in presets:
        named += [(f"[{preset.name}]", str(value)) for name, value in preset.controls if name == MODEL]
    for where, model in named:
        if model not in shelf.names:
            raise SettingError(
                f"{where}: no model is called {model!r}; there are: {', '.join(shelf.names)} "
                "(--also adds one)"
            )


def _remarks(args: argparse.Namespace, learnt: Mapping[str, int]) -> Iterator[str]:
    """What was said and does nothing as it begins, and from when on it does; and what was learnt before."""
    options = {
        "--bars": args.bars != DEFAULT_RULES.bars,
        "--beats-in-a-bar": args.beats_in_a_bar != DEFAULT_RULES.beats_in_a_bar,
    }
    said = [option for option, is_other in options.items() if is_other]
    if said and args.mode != Mode.BARS.value:
        yield f"{' and '.join(said)}: only where bars are traded; say --mode bars, or choose that mode later"
    if args.silence is not None and args.eagerness != DEFAULT_KNOBS.eagerness:
        yield "--eagerness: not while --silence says how long is waited; leave one of them away"
    if learnt:
        yield f"learnt: {', '.join(f'controller {number} moves {name}' for name, number in learnt.items())}"


def _page_port(args: argparse.Namespace) -> int | None:
    if args.no_page or args.fast:
        return None
    return DEFAULT_PAGE_PORT if args.page_port is None else int(args.page_port)


def _opened(shelf: Shelf) -> tuple[Shelf, Opened]:
    """Who answers at first; by rule, if nothing is installed that could run a model and none was named."""
    try:
        return shelf, shelf.open(shelf.begins_with)
    except NoRuntimeError as reason:
        if shelf.begins_with != DEFAULT:
            raise
        print(f"{reason}; so no network answers today")
        ruled = replace(shelf, begins_with=RULE)
        return ruled, ruled.open(RULE)


def _rules(args: argparse.Namespace) -> Rules:
    length, shortest, longest = args.length
    options = {name: getattr(args, name) for name in KNOBS}
    return Rules(
        knobs=Knobs(**(options | {"length": length})),
        fixed_silence_s=args.silence,
        shortest_answer_s=shortest,
        longest_answer_s=longest,
        channel=args.channel if isinstance(args.channel, int) else None,
        shares_channel=args.channel == SAME,
        limits=Limits(
            lowest=args.range[0],
            highest=args.range[1],
            loudest=args.loudest,
            notes_in_a_second=args.notes_in_a_second,
            voices=args.voices,
            keeping=Keeping(args.keep),
        ),
        longest_note_s=args.longest_note,
        mode=Mode(args.mode),
        bars=args.bars,
        beats_in_a_bar=args.beats_in_a_bar,
        tempo=DEFAULT_RULES.tempo if args.tempo is None else args.tempo,
        follows_playing=args.tempo is None,
        split=args.split,
        pause=Pause(args.pause),
        longest_hold_s=args.longest_hold,
    )
