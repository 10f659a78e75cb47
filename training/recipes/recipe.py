"""A recipe: one experiment in a TOML file. For an unknown name, the error suggests the closest valid one.

Knows what can be chosen and what the defaults are. A recipe's file may also hold a small form (`small`: what
changes so that it runs on two cores), variants that are compared with one another, a grid, and the seeds to
repeat it with: `training.recipes.experiment` makes several recipes of them. Must not know how a recipe is
carried out.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from music.encodings.catalogue import encoding_named
from music.settings import SettingError, settings_from
from music.tokens.encoding import Encoding
from pieces.token_pieces import Most
from pieces.transforms import InTurn, transforms_listed
from training.feeds.augmentation import UNCHANGED, Augmentation
from training.feeds.lanes import LanesSettings
from training.feeds.windows import WindowsSettings
from training.models.catalogue import ModelSettings
from training.models.event_model import EventModelSettings
from training.recipes.optimisers import AdamWSettings, OptimiserSettings
from training.recipes.precision import Precision
from training.recipes.recipe_files import EXPERIMENT, tables_of
from training.recipes.schedules import CosineSettings, ScheduleSettings

FeedSettings = LanesSettings | WindowsSettings


@dataclass(frozen=True, slots=True)
class DataSettings:
    """Which corpora are trained on, how they are changed and written down, how they are varied, and in what
    windows they are read.

    0 means all of them: pieces, rows of them, symbols of an open vocabulary. `pick`: pieces come in the
    order of files, or composers take turns, in an order that follows from the pieces' hashes; the first
    `skip_pieces` are left out. `first_given`: a piece's first row is given, not predicted. `flat_loudness`:
    whether the loudness of a score that has no marks of it is learnt as it stands
    (`training.feeds.loudness`).
    """

    corpora: tuple[str, ...]
    encoding: str = "event"
    encoding_settings: dict[str, Any] = field(default_factory=dict)
    transforms: tuple[dict[str, Any], ...] = ()
    stretches: tuple[float, ...] = UNCHANGED.stretches
    semitones: tuple[int, ...] = UNCHANGED.semitones
    louder: tuple[int, ...] = UNCHANGED.louder
    spreads: tuple[float, ...] = UNCHANGED.spreads
    beat_stretches: tuple[float, ...] = UNCHANGED.beat_stretches
    pick: Literal["in-order", "over-composers"] = "in-order"
    skip_pieces: int = 0
    most_pieces: int = 0
    most_rows: int = 0
    most_symbols: int = 0
    first_given: bool = False
    flat_loudness: Literal["learnt", "left out"] = "learnt"
    feed: FeedSettings = field(default_factory=LanesSettings)

    def __post_init__(self) -> None:
        if min(self.skip_pieces, self.most_pieces, self.most_rows, self.most_symbols) < 0:
            raise SettingError(
                "data: skip_pieces (0: none), most_pieces, most_rows and most_symbols (0: all of them) are 0 "
                "or more"
            )

    @property
    def most(self) -> Most:
        """How much of the music for train is trained on."""
        if self.pick != "in-order":
            return Most()
        if self.skip_pieces:
            return Most(self.skip_pieces + self.most_pieces if self.most_pieces else None)
        return Most(self.most_pieces or None, self.most_rows or None)

    @property
    def is_part(self) -> bool:
        """Whether some of the music for train is left out."""
        return bool(self.skip_pieces or self.most_pieces or self.most_rows)

    @property
    def augmentation(self) -> Augmentation:
        """The variants of each piece."""
        return Augmentation(self.stretches, self.semitones, self.louder, self.spreads, self.beat_stretches)

    @property
    def transform(self) -> InTurn:
        """What each phrase goes through before it is written down."""
        return transforms_listed(self.transforms)

    def unfitted(self) -> Encoding:
        """The encoding, which may still have to learn its vocabulary."""
        return encoding_named(self.encoding, **self.encoding_settings)


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the curriculum: so many steps on the pieces of these levels of difficulty, 1 to 4, of the
    main corpora or of others that are named."""

    levels: tuple[int, ...]
    steps: int
    corpora: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.levels or self.steps < 1:
            raise SettingError("a stage of the curriculum needs levels, and steps of 1 or more")


@dataclass(frozen=True, slots=True)
class LearningSettings:
    """How long (`steps`, or `passes` through the music), how fast, and by which rule.

    `precision` is what products are reckoned in where the machine can (`training.recipes.precision`); weights
    and their sums stay in float32. `average` above 0 keeps a running mean of the weights, of which so much is
    kept at each step, less in the first ones; that mean is the result. `patience` above 0 stops after so many
    measurements without a better one.
    """

    steps: int = 0
    passes: float = 0.0
    rate: float = 2e-3
    clip: float = 1.0
    precision: Precision = "float32"
    average: float = 0.0
    patience: int = 0
    optimiser: OptimiserSettings = field(default_factory=AdamWSettings)
    schedule: ScheduleSettings = field(default_factory=CosineSettings)

    def __post_init__(self) -> None:
        if (self.steps > 0) == (self.passes > 0):
            raise SettingError("learning needs either steps or passes, above 0")
        if not 0 <= self.average < 1:
            raise SettingError(f"learning: average is from 0 (none) to below 1, not {self.average}")
        if min(self.rate, self.clip) <= 0 or self.patience < 0:
            raise SettingError("learning needs rate and clip above 0, and patience of 0 (none) or more")


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How often the run reports its loss, is measured on held-out pieces, and is saved; in steps.

    `snapshots` are stages of learning whose weights are kept, as shares of all steps; `measures` are taken of
    the run when it is done, of so many `pieces` that it draws. `keep` says which weights are the run's
    result: the best on held-out pieces, or the last, of a run that is to know its music by heart.
    """

    every: int = 20
    validate_every: int = 500
    validation_rows: int = 40_000
    save_every: int = 200
    snapshots: tuple[float, ...] = ()
    keep: Literal["best", "last"] = "best"
    pieces: int = 50
    measures: tuple[
        Literal[
            "test",
            "baselines",
            "by-heart",
            "classes",
            "distribution",
            "likeness",
            "original",
            "stages",
            "prompted",
            "after-learnt",
            "temperatures",
            "transposed",
            "mode",
            "endings",
            "polish",
        ],
        ...,
    ] = ("test",)

    def __post_init__(self) -> None:
        if min(self.every, self.validate_every, self.save_every) < 1 or self.validation_rows < 0:
            raise SettingError(
                "log needs every, validate_every and save_every of 1 or more, and validation_rows of 0 "
                "(all) or more"
            )
        if not all(0 < share <= 1 for share in self.snapshots):
            raise SettingError(
                f"log.snapshots are shares of the steps, above 0 and up to 1, not {self.snapshots}"
            )
        if self.pieces < 2:
            raise SettingError(f"log.pieces draws 2 pieces or more, not {self.pieces}")
        if "stages" in self.measures and not self.snapshots:
            raise SettingError(
                "the measure 'stages' looks at snapshots; say log.snapshots=[0.1, 0.5, 1.0] too"
            )

    @property
    def needs_unseen(self) -> bool:
        """Whether a measure looks at pieces for test."""
        return any(name not in ("by-heart", "original") for name in self.measures)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One experiment. `row` names what it belongs to; `takes` says what it needs;
    `claim` what the paper found; `substitute` what stands in for data that are out of reach."""

    about: str
    row: str
    takes: str
    data: DataSettings
    learning: LearningSettings
    model: ModelSettings = field(default_factory=EventModelSettings)
    curriculum: tuple[Stage, ...] = ()
    log: LogSettings = field(default_factory=LogSettings)
    claim: str = ""
    substitute: str = ""
    begin_from: str = ""  # a model file in full or half precision whose weights it begins with
    seed: int = 1

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise SettingError(f"seed is 0 or more, not {self.seed}")

    def record(self) -> dict[str, Any]:
        """Everything chosen, as JSON can hold it."""
        return asdict(self)


def recipe_named(name: str, changes: Mapping[str, Any] | None = None) -> Recipe:
    """The recipe of that name, or in that file, with `section.key` changes;
    without what the file holds beyond one recipe."""
    tables = {key: value for key, value in tables_of(name).items() if key not in EXPERIMENT}
    return recipe_from(tables, name, changes or {})


def recipe_from(tables: Mapping[str, Any], name: str, changes: Mapping[str, Any]) -> Recipe:
    """A recipe from its tables."""
    return settings_from(Recipe, changed(tables, name, changes), f"recipe {name}")


def changed(tables: Mapping[str, Any], name: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The tables with `section.key` changes, a whole section among them; those given are not touched."""
    made: dict[str, Any] = _copied(tables)
    for path, value in changes.items():
        *sections, key = path.split(".")
        table = made
        for section in sections:
            table = table.setdefault(section, {})
            if not isinstance(table, dict):
                raise SettingError(f"recipe {name}: {section!r} is no section, so {path!r} can't be set")
        table[key] = _copied(value)
    return made


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list | tuple) else value
