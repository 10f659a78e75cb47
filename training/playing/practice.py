"""How a run practises, as far as whoever plays its exported file must know; and which runs can't become one.

Knows recipes. Must not know ONNX or the command line.
"""

from dataclasses import dataclass

from training.models.event_model import EventModelSettings
from training.models.rolls.rbm import RbmSettings
from training.models.rolls.sliding import why_it_draws_nothing
from training.playing.generation import learns_backwards, memory_of
from training.recipes.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Practice:
    """How a run has practised, as far as whoever plays its file must know; an event model's is this."""

    window: int = 0  # rows that were read anew for each; 0: all are remembered
    reads_begin: bool = True
    is_backwards: bool = False


ALL_PAST = Practice()


def practice_of(recipe: Recipe) -> Practice:
    """How a run of this recipe practises; an event model is played with all its past in any case."""
    if isinstance(recipe.model, EventModelSettings):
        return Practice(is_backwards=learns_backwards(recipe))
    memory = memory_of(recipe)
    # of a machine over windows the state is the window (training.models.rolls.sliding)
    window = 0 if isinstance(recipe.model, RbmSettings) else memory.window
    return Practice(window, memory.reads_begin, learns_backwards(recipe))


def why_not_exported(recipe: Recipe) -> str | None:
    """Why no file can be made of a run of this recipe, and what to change; None where one can."""
    return why_it_draws_nothing(recipe.model) if isinstance(recipe.model, RbmSettings) else None


def why_no_answers(recipe: Recipe) -> str | None:
    """Why the file of a run of this recipe will answer no call, and what to do; None where it will."""
    if not learns_backwards(recipe):
        return None
    return (
        "it learns music backwards, so it can't answer what was played last; hear it by itself (antiphon "
        "generate), or leave out the transform 'reverse'"
    )
