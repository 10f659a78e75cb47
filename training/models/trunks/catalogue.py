"""Every trunk, by the settings that choose it."""

from training.models.trunks.attention import Attention, AttentionSettings
from training.models.trunks.bidirectional import Bidirectional, BidirectionalSettings
from training.models.trunks.conv import ConvLstm, ConvSettings
from training.models.trunks.linear import Linear, LinearSettings
from training.models.trunks.recurrent import Recurrent, RecurrentSettings
from training.models.trunks.ring import Ring, RingSettings
from training.models.trunks.trunk import Trunk

TrunkSettings = (
    RecurrentSettings
    | LinearSettings
    | RingSettings
    | AttentionSettings
    | ConvSettings
    | BidirectionalSettings
)


def trunk_for(settings: TrunkSettings, reads: int) -> Trunk:
    """A trunk of that kind that reads so many numbers a step."""
    match settings:
        case RecurrentSettings():
            return Recurrent(settings, reads)
        case LinearSettings():
            return Linear(settings, reads)
        case RingSettings():
            return Ring(settings, reads)
        case AttentionSettings():
            return Attention(settings, reads)
        case ConvSettings():
            return ConvLstm(settings, reads)
        case BidirectionalSettings():
            return Bidirectional(settings, reads)
