"""The keyboard as models see it is what following every key by hand gives,
over random rows and across windows."""

import random

import pytest
import torch

from music.notes import KEYS
from music.tokens.scales import GAPS, gap_cells
from training.models import keyboard

CELLS = keyboard.cells_of_gaps()
NO_KEY = 2 * KEYS


def random_fields(seed: int, rows: int, *sizes: int) -> list[list[int]]:
    chance = random.Random(seed)
    return [[chance.randrange(size) for _ in range(rows)] for size in sizes]


def followed_changes(gaps: list[int], keys: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    sounding, age, rows = [0.0] * KEYS, [0.0] * KEYS, []
    for gap, key in zip(gaps, keys, strict=True):
        age = [cells + gap_cells(gap) for cells in age]
        if key < KEYS:
            sounding[key], age[key] = 1.0, 0.0
        elif key < NO_KEY:
            sounding[key - KEYS] = 0.0
        rows.append(([*sounding], [*age]))
    return torch.tensor([row for row, _ in rows]), torch.tensor([row for _, row in rows])


def followed_notes(gaps: list[int], pitches: list[int], lengths: list[int]) -> torch.Tensor:
    left, rows = [0] * KEYS, []
    for gap, pitch, length in zip(gaps, pitches, lengths, strict=True):
        left = [max(cells - gap_cells(gap), 0) for cells in left]
        if pitch < KEYS:
            left[pitch] = gap_cells(length)
        rows.append([*left])
    return torch.tensor(rows, dtype=torch.float)


@pytest.mark.parametrize("seed", range(4))
def test_key_changes_are_followed(seed: int) -> None:
    gaps, keys = random_fields(seed, 300, GAPS, NO_KEY + 1)
    sounding, age = followed_changes(gaps, keys)
    state, cut = (torch.zeros(1, KEYS), torch.zeros(1, KEYS)), 120
    cells, changes = CELLS[torch.tensor([gaps])], torch.tensor([keys])
    first = keyboard.after_changes(cells[:, :cut], changes[:, :cut], *state)
    rest = keyboard.after_changes(cells[:, cut:], changes[:, cut:], *(part[:, -1] for part in first))
    assert torch.equal(torch.cat([first[0], rest[0]], 1)[0], sounding)
    assert torch.equal(torch.cat([first[1], rest[1]], 1)[0], age)
    for place in range(300):
        state = keyboard.after_change(cells[:, place], changes[:, place], *state)
        assert torch.equal(state[0][0], sounding[place])
        assert torch.equal(state[1][0], age[place])


@pytest.mark.parametrize("seed", range(4))
def test_notes_are_followed_to_their_ends(seed: int) -> None:
    gaps, pitches, lengths = random_fields(seed, 300, 40, KEYS + 1, GAPS)
    pitches = [pitch % 12 for pitch in pitches] if seed % 2 else pitches  # few keys: often struck again
    cells, notes, ends = CELLS[torch.tensor([gaps])], torch.tensor([pitches]), CELLS[torch.tensor([lengths])]
    first = keyboard.after_notes(cells[:, :77], notes[:, :77], ends[:, :77], torch.zeros(1, KEYS))
    rest = keyboard.after_notes(cells[:, 77:], notes[:, 77:], ends[:, 77:], first[:, -1])
    assert torch.equal(torch.cat([first, rest], 1)[0], followed_notes(gaps, pitches, lengths))


def test_cells_and_gaps_are_each_others() -> None:
    assert torch.equal(keyboard.gaps_of_cells()[CELLS.long()], torch.arange(GAPS))
