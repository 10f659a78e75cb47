"""Every family of models, by the settings that choose it."""

from music.tokens.encoding import Encoding
from training.models import event_model, note_model, step_model, symbol_model
from training.models.event_model import EventModelSettings
from training.models.model import Model
from training.models.note_model import NoteModelSettings
from training.models.rolls import biaxial, rbm, roll_model
from training.models.rolls.biaxial import BiaxialSettings
from training.models.rolls.rbm import RbmSettings
from training.models.rolls.roll_model import RollModelSettings
from training.models.step_model import StepModelSettings
from training.models.symbol_model import SymbolModelSettings

ModelSettings = (
    EventModelSettings
    | NoteModelSettings
    | SymbolModelSettings
    | StepModelSettings
    | RollModelSettings
    | BiaxialSettings
    | RbmSettings
)


def model_for(settings: ModelSettings, encoding: Encoding) -> Model:
    """An untrained model that reads this encoding; one that it can't read is an error with the remedy."""
    match settings:
        case EventModelSettings():
            return event_model.build(settings, encoding)
        case NoteModelSettings():
            return note_model.build(settings, encoding)
        case SymbolModelSettings():
            return symbol_model.build(settings, encoding)
        case StepModelSettings():
            return step_model.build(settings, encoding)
        case RollModelSettings():
            return roll_model.build(settings, encoding)
        case BiaxialSettings():
            return biaxial.build(settings, encoding)
        case RbmSettings():
            return rbm.build(settings, encoding)
