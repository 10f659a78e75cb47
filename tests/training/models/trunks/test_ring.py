"""The ring: block by block it finds what a look at every place, one by one, finds."""

import pytest
import torch
from torch import Tensor

from training.models.trunks.ring import Ring, RingSettings


def looked_up_one_by_one(trunk: Ring, outputs: Tensor) -> Tensor:
    """What each output of one lane, T x width, finds among itself and those before it."""
    heads, size = trunk.settings.heads, trunk.width // trunk.settings.heads
    key, value = trunk.key_and_value(outputs).chunk(2, dim=-1)
    found = []
    for place in range(len(outputs)):
        seen = range(max(place - trunk.settings.ring + 1, 0), place + 1)
        asked = trunk.query(outputs[place])
        for head in range(heads):
            channels = slice(head * size, (head + 1) * size)
            alike = torch.stack([asked[channels] @ key[at, channels] for at in seen]) / size**0.5
            ago = torch.stack([trunk.by_distance[head, place - at] for at in seen])
            shares = torch.softmax(alike + ago, dim=0)
            found.append(shares @ value[seen.start : seen.stop, channels])
    return trunk.outward(torch.stack(found).view(len(outputs), -1))


@pytest.mark.parametrize("ring", [1, 4, 7, 40])
def test_blocks_find_what_a_look_at_each_place_finds(ring: int) -> None:
    torch.manual_seed(1)
    trunk = Ring(RingSettings(layers=1, width=8, ring=ring, heads=2), 5).eval()
    with torch.no_grad():
        trunk.by_distance.normal_()
    read = torch.randn(1, 23, 5)
    outputs, _ = trunk.recurrent(read, trunk.recurrent.silent_state(1))
    made, state = trunk(read, trunk.silent_state(1))
    expected = outputs[0] + looked_up_one_by_one(trunk, outputs[0])
    torch.testing.assert_close(made[0], expected, atol=1e-5, rtol=0)
    assert state["held"].tolist() == [min(ring - 1, 23)]
