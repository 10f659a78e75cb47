"""The keyboard as models see it: which keys sound, for how long already, and for how long still.

Each is computed for all rows of a window at once, exactly: moments are counted in whole cells of 10 ms, which
float32 keeps apart for 46 hours of one window. Knows keys and cells. Must not know models.
"""

import torch
from torch import Tensor

from music.notes import KEYS
from music.tokens.scales import GAPS, LONGEST_CELLS, gap_cells, gap_number
from training.models.trunks.greatest import greatest_so_far

KEY_CHANGES = 2 * KEYS  # 88 keys going down, 88 going up


def cells_of_gaps() -> Tensor:
    """The cells that each gap stands for, by number."""
    return torch.tensor([float(gap_cells(gap)) for gap in range(GAPS)])


def gaps_of_cells() -> Tensor:
    """The number of the gap that holds so many cells, by cells; up to the longest."""
    return torch.tensor([gap_number(cells) for cells in range(LONGEST_CELLS + 1)])


def inputs(marked: Tensor, cells: Tensor) -> Tensor:
    """Which keys are marked, and their cells, as a network can read them:
    10 ms is 0.2, a second 1.2, ten seconds 1.7."""
    return torch.cat([marked, marked * torch.log1p(cells) / 4.0], dim=-1)


def after_changes(cells: Tensor, key: Tensor, sounding: Tensor, age: Tensor) -> tuple[Tensor, Tensor]:
    """Which keys sound after each key change (B x T, `cells` after the one before), and cells since each was
    struck (B x T x 88).

    `sounding` and `age` (B x 88) are what they were before; a number that is no key change changes nothing.
    """
    clock = cells.cumsum(1)[..., None]
    keys = torch.arange(KEYS, device=key.device)
    struck = key[..., None] == keys
    touched = struck | (key[..., None] == keys + KEYS)
    before = torch.cat([sounding[:, None], struck.to(sounding.dtype)], dim=1)
    struck_at = greatest_so_far(torch.where(struck, clock, -age[:, None]))
    return before.gather(1, _last(touched)), clock - struck_at


def after_change(cells: Tensor, key: Tensor, sounding: Tensor, age: Tensor) -> tuple[Tensor, Tensor]:
    """The same after one key change of each lane (B), by what a graph for one call can hold."""
    place, keys = key[:, None], torch.arange(KEYS, device=key.device)
    struck = place == keys
    sounding = torch.where(struck, 1.0, torch.where(place == keys + KEYS, 0.0, sounding))
    return sounding, torch.where(struck, 0.0, age + cells[:, None])


def after_notes(cells: Tensor, pitch: Tensor, lengths: Tensor, left: Tensor) -> Tensor:
    """The cells that each key will still sound at each note's onset, that note among them (B x T x 88); 0 of
    a silent one.

    Notes are B x T: `cells` after the onset before, a key, and `lengths` in cells. `left` (B x 88) is what it
    was at the onset before. A key that is struck again sounds as long as its new note. A number that is no
    key strikes nothing.
    """
    clock = cells.cumsum(1)[..., None]
    struck = pitch[..., None] == torch.arange(KEYS, device=pitch.device)
    ends = (clock + lengths[..., None]).expand(-1, -1, KEYS)
    until = torch.cat([left[:, None], ends], dim=1).gather(1, _last(struck))
    return (until - clock).clamp(min=0)


def after_note(cells: Tensor, pitch: Tensor, lengths: Tensor, left: Tensor) -> Tensor:
    """The same after one note of each lane (B), by what a graph for one call can hold: B x 88."""
    struck = pitch[:, None] == torch.arange(KEYS, device=pitch.device)
    return torch.where(struck, lengths[:, None], (left - cells[:, None]).clamp(min=0))


def _last(touched: Tensor) -> Tensor:
    """The number, from 1, of the row that touched each key last, up to each row;
    0 where none did (B x T x 88)."""
    order = torch.arange(1, touched.shape[1] + 1, device=touched.device)
    return greatest_so_far(touched * order[None, :, None])
