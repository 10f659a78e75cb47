"""What `antiphon play` was asked for, made of its options: who answers, by which rules, on which ports.

Must not know how it is played.
"""

import argparse
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from realtime.answerers.answerer import Answerer
from realtime.answerers.rule.imitation import Imitation
from realtime.knobs import DEFAULT_CONTROLLERS, KNOBS, SAME, Knobs
from realtime.midi.ports import PortSystem
from realtime.performer.rules import Rules
from realtime.rows.take import default_folder, fresh_path
from realtime.rows.turned import Watcher

DEFAULT_PAGE_PORT = 8765


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
    call: Path | None = None
    fast: bool = False
    take: Path | None = None

    not_on_cuda: str | None = None  # why the answerer isn't, where it might have been
    doubt: str | None = None  # what is wrong with playing this model on this processor
    page_port: int | None = None  # None: no page
    page_port_is_a_wish: bool = True
    system: PortSystem | None = None  # in place of the machine's own MIDI, and
    watchers: tuple[Watcher, ...] = ()  # others who watch the loop: for measuring
    controllers: Mapping[str, int] = field(default_factory=lambda: DEFAULT_CONTROLLERS)

    @property
    def about(self) -> list[str]:
        """What is written into a take: how to play it again."""
        return [f"answerer: {self.answerer.name}", f"seed: {self.seed}"]

    @classmethod
    def of(cls, args: argparse.Namespace) -> "Choices":
        """From the options; what was left to us is chosen here."""
        seed = secrets.randbelow(1_000_000) if args.seed is None else args.seed
        take = args.take or fresh_path(args.takes or default_folder())
        answerer, not_on_cuda = _answerer(args, seed)
        return cls(
            answerer=answerer,
            not_on_cuda=not_on_cuda,
            doubt=_doubt(answerer),
            seed=seed,
            rules=_rules(args),
            inputs=tuple(args.inputs),
            outputs=tuple(args.outputs),
            midi_api=args.midi_api,
            thru=not args.no_thru,
            call=args.call,
            fast=args.fast,
            take=None if args.no_take else take,
            page_port=_page_port(args),
            page_port_is_a_wish=args.page_port is None,
            controllers=_controllers(args),
        )


def _controllers(args: argparse.Namespace) -> dict[str, int]:
    """Which controller moves which control; what was said last counts."""
    said = dict(DEFAULT_CONTROLLERS) | dict(args.cc)
    return {name: number for name, number in said.items() if number is not None}


def _page_port(args: argparse.Namespace) -> int | None:
    if args.no_page or args.fast:
        return None
    return DEFAULT_PAGE_PORT if args.page_port is None else int(args.page_port)


def _answerer(args: argparse.Namespace, seed: int) -> tuple[Answerer, str | None]:
    """Who answers; and why not on CUDA, where the runtime is built for it and nobody said where."""
    if args.model == "none":
        return Imitation(seed), None
    # Only for a model: whoever plays without one needs no runtime.
    from realtime.answerers.network import Network
    from realtime.inference.best_device import open_on_best_device
    from realtime.inference.default_model import default_model
    from realtime.inference.runtime import NoRuntimeError
    from realtime.inference.session import open_session

    path = None if args.model == "default" else Path(args.model)
    try:
        if args.device == "auto":
            session, not_on_cuda = open_on_best_device(path)
            return Network(session, seed), not_on_cuda
        return Network(open_session(path or default_model(args.device), args.device), seed), None
    except NoRuntimeError as reason:
        if path is not None:
            raise
        print(f"{reason}; so no network answers today")
        return Imitation(seed), None


def _doubt(answerer: Answerer) -> str | None:
    if answerer.device != "cpu":
        return None
    from realtime.answerers.network import Network
    from realtime.inference.eight_bits import doubt_about

    return doubt_about(answerer.session.bundle) if isinstance(answerer, Network) else None


def _rules(args: argparse.Namespace) -> Rules:
    length, shortest, longest = args.length
    options = {name: getattr(args, name) for name in KNOBS}
    return Rules(
        knobs=Knobs(**(options | {"length": length})),
        shortest_answer_s=shortest,
        longest_answer_s=longest,
        channel=args.channel if isinstance(args.channel, int) else None,
        shares_channel=args.channel == SAME,
    )
