"""The symbol model: streaming equals the whole, its nats add up,
what is barred is never drawn, a tune is learnt by heart."""

import math

import pytest
import torch
from torch import Tensor

from music.encodings.catalogue import ENCODINGS
from music.encodings.character import CharacterEncoding
from music.encodings.chord import ChordEncoding
from music.encodings.pair import PairEncoding
from music.settings import SettingError
from tests.support.learning import check_streaming, learnt_by_heart, needs_bfloat16
from tests.support.phrases import improvised
from training.models.drawing import Drawing
from training.models.model import carried
from training.models.symbol_model import SymbolModel, SymbolModelSettings, build
from training.models.trunks.attention import AttentionSettings
from training.models.trunks.catalogue import TrunkSettings
from training.models.trunks.linear import LinearSettings
from training.models.trunks.recurrent import RecurrentSettings

SYMBOLS = 9
SMALL = RecurrentSettings("lstm", layers=1, width=24)
LIKELIEST = Drawing(argmax_share=1)


def model(embedding: int = 8, symbols: int = SYMBOLS, trunk: TrunkSettings = SMALL) -> SymbolModel:
    torch.manual_seed(1)
    return SymbolModel(SymbolModelSettings(trunk=trunk, embedding=embedding), symbols).eval()


def chance(seed: int = 3) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def begun_tune(lanes: int, length: int) -> Tensor:
    """The begin row, then symbols by chance."""
    torch.manual_seed(2)
    rows = torch.randint(SYMBOLS, (lanes, length, 1))
    rows[:, 0] = SYMBOLS
    return rows


def read_once(of: SymbolModel, lanes: int) -> Tensor:
    row = torch.tensor([of.begin_row] * lanes).long()
    read, _ = of.step(row, of.silent_state(lanes))
    assert isinstance(read, Tensor)
    return read


@pytest.mark.parametrize("embedding", [0, 8])
def test_symbol_by_symbol_is_the_same_as_the_whole(embedding: int) -> None:
    of, rows = model(embedding), begun_tune(2, 30)
    whole, after_whole = of(rows, of.silent_state(2))
    tail, _ = of(rows, of.silent_state(2), last=4)
    torch.testing.assert_close(tail, whole[:, -4:])
    state = of.silent_state(2)
    for place in range(30):
        read, state = of.step(rows[:, place], state)
        torch.testing.assert_close(read[:, 0], whole[:, place], atol=1e-5, rtol=0)
    for name, value in state.items():
        torch.testing.assert_close(value, after_whole[name], atol=1e-5, rtol=0)


def test_a_model_that_says_all_symbols_alike_is_surprised_by_the_logarithm_of_their_number() -> None:
    of, rows = model(), begun_tune(2, 12)
    with torch.no_grad():
        of.symbol_out.weight.zero_()
        of.symbol_out.bias.fill_(3.0)
    read, _ = of(rows[:, :-1], of.silent_state(2))
    nats = of.surprise(read, rows[:, 1:])
    assert nats.shape == (2, 11, len(of.parts))
    torch.testing.assert_close(nats, torch.full((2, 11, 1), math.log(SYMBOLS)))


def test_the_chances_of_all_symbols_add_up_to_one() -> None:
    of = model()
    read = read_once(of, SYMBOLS)
    nats = of.surprise(read, torch.arange(SYMBOLS)[:, None, None])
    torch.testing.assert_close(nats.neg().exp().sum(), torch.tensor(1.0))


def test_large_vocabularies_in_slices_tell_the_same_nats(monkeypatch: pytest.MonkeyPatch) -> None:
    of, rows = model(), begun_tune(2, 12)
    read, _ = of(rows[:, :-1], of.silent_state(2))
    at_once = of.surprise(read, rows[:, 1:])
    monkeypatch.setattr("training.models.symbol_model._MOST_LOGITS", 3 * 2 * SYMBOLS)
    torch.testing.assert_close(of.surprise(read, rows[:, 1:]), at_once)


def test_fifty_thousand_symbols_are_read_learnt_and_drawn() -> None:
    of = model(symbols=50_000)
    rows = torch.tensor([[[50_000], [49_999], [0], [49_999]]])
    read, _ = of(rows[:, :-1], of.silent_state(1))
    of.surprise(read, rows[:, 1:]).sum().backward()
    assert of.symbol_out.weight.grad is not None
    assert of.symbol_out.weight.grad[49_999].abs().sum() > 0
    drawn = of.draw(read[:, -1:], Drawing(), chance())
    assert drawn.shape == (1, 1)
    assert 0 <= drawn.item() < 50_000


def test_one_hot_reads_nothing_at_the_beginning_and_each_symbol_as_one_column() -> None:
    of = model(embedding=0)
    assert of.trunk.reads == SYMBOLS
    heard: list[Tensor] = []
    of.trunk.register_forward_pre_hook(lambda _, given: heard.append(given[0]))
    of(torch.tensor([[[SYMBOLS], [0], [4]]]), of.silent_state(1))
    assert heard[0].sum(-1).tolist() == [[0.0, 1.0, 1.0]]
    assert heard[0][0, 1:].argmax(-1).tolist() == [0, 4]


def test_an_embedding_gives_the_beginning_a_row_of_its_own() -> None:
    of = model()
    read, _ = of(torch.tensor([[of.begin_row]]).long(), of.silent_state(1))
    of.surprise(read, torch.tensor([[[2]]])).sum().backward()
    assert of.symbol_in is not None
    assert of.symbol_in.weight.grad is not None
    assert of.symbol_in.weight.grad.abs().sum(-1).nonzero().tolist() == [[SYMBOLS]]


def test_a_draw_repeats_for_a_seed_and_follows_the_chances() -> None:
    of = model()
    read = read_once(of, 4000)
    drawn = of.draw(read, Drawing(), chance(5))
    assert drawn.shape == (4000, 1)
    assert drawn.dtype == torch.int64
    assert torch.equal(drawn, of.draw(read, Drawing(), chance(5)))
    assert not torch.equal(drawn, of.draw(read, Drawing(), chance(6)))
    shares = drawn.flatten().bincount(minlength=SYMBOLS) / 4000
    torch.testing.assert_close(shares, of.logits(read)[0, 0].softmax(-1), atol=0.03, rtol=0)


def test_the_likeliest_is_the_likeliest() -> None:
    of, rows = model(), begun_tune(6, 9)
    read, _ = of(rows, of.silent_state(6), last=1)
    assert torch.equal(of.draw(read, LIKELIEST, chance()), of.logits(read)[:, -1].argmax(-1, keepdim=True))


@pytest.mark.parametrize("drawing", [Drawing(temperature=10.0), LIKELIEST, Drawing(top_k=2, top_p=0.9)])
def test_only_what_is_allowed_is_drawn(drawing: Drawing) -> None:
    of = model()
    allowed = torch.zeros(300, SYMBOLS, dtype=torch.bool)
    allowed[:, [1, 6]] = True
    allowed[:100, 6] = False
    drawn = of.draw(read_once(of, 300), drawing, chance(), allowed)
    assert allowed.gather(1, drawn).all()
    assert (drawn[:100] == 1).all()


def test_dropout_is_of_what_the_output_reads_while_learning() -> None:
    torch.manual_seed(1)
    of = SymbolModel(SymbolModelSettings(trunk=RecurrentSettings(width=100), dropout=0.5), SYMBOLS).train()
    read, _ = of(begun_tune(4, 20), of.silent_state(4))
    assert 0.45 < (read == 0).float().mean() < 0.55


@pytest.mark.parametrize("trunk", [SMALL, LinearSettings(layers=2, width=24)], ids=lambda trunk: trunk.kind)
@pytest.mark.parametrize("embedding", [0, 8])
def test_a_tune_is_learnt_by_heart_and_played_back(trunk: TrunkSettings, embedding: int) -> None:
    of = model(embedding, trunk=trunk).train()
    tune = [0, 1, 2, 0, 1, 3, 0, 1, 2, 4, 4, 8]  # what follows 0 1, and 4, depends on what came before
    rows = torch.tensor([SYMBOLS, *tune, *tune])[None, :, None]
    optimiser = torch.optim.Adam(of.parameters(), lr=0.02)
    for _ in range(150):
        read, _ = of(rows[:, :-1], of.silent_state(1))
        loss = of.surprise(read, rows[:, 1:]).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if loss.item() < 0.04:
            break
    assert loss.item() < 0.05
    assert played(of.eval(), 2 * len(tune)) == 2 * tune


def played(of: SymbolModel, length: int) -> list[int]:
    """The likeliest, symbol by symbol, from the beginning."""
    row, state = torch.tensor([of.begin_row]).long(), of.silent_state(1)
    symbols = []
    for _ in range(length):
        read, state = of.step(row, state)
        row = of.draw(read, LIKELIEST, chance())
        symbols.append(int(row.item()))
    return symbols


@needs_bfloat16
def test_it_learns_under_bfloat16_too() -> None:
    of, rows = model().train(), begun_tune(2, 12)
    with torch.autocast("cpu", torch.bfloat16):
        read, _ = of(rows[:, :-1], of.silent_state(2))
        nats = of.surprise(read, rows[:, 1:])
    assert nats.dtype == torch.float32
    nats.sum().backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in of.parameters())


@pytest.mark.parametrize("name", ["character", "roll-token", "pair", "message", "chord", "performance"])
def test_every_encoding_of_one_symbol_is_read_and_what_is_drawn_can_be_decoded(name: str) -> None:
    torch.manual_seed(1)
    encoding, phrase = ENCODINGS[name](), improvised(3)
    encoding = encoding.fitted([phrase])
    of = build(SymbolModelSettings(trunk=SMALL, embedding=8), encoding)
    assert of.begin_row == (float(encoding.vocabulary.sizes[0]),)
    tokens = torch.from_numpy(encoding.encode(phrase))[None]
    read, state = of(tokens, of.silent_state(1))
    assert of.surprise(read[:, :-1], tokens[:, 1:]).isfinite().all()
    drawn = of.draw(read[:, -1:], Drawing(), chance())
    of.step(drawn, state)
    encoding.decode(drawn.numpy())


@pytest.mark.parametrize("name", ["event", "note", "step", "roll"])
def test_an_encoding_of_several_fields_is_refused_with_those_that_can_be_read(name: str) -> None:
    with pytest.raises(SettingError, match=f"one symbol, and '{name}' has .* one of .*character.*chord"):
        build(SymbolModelSettings(), ENCODINGS[name]())


def test_an_encoding_that_learnt_nothing_yet_is_refused() -> None:
    with pytest.raises(SettingError, match=r"'chord' knows no symbols yet.*from a corpus"):
        build(SymbolModelSettings(), ChordEncoding())


@pytest.mark.parametrize(
    ("wrong", "message"), [({"embedding": -1}, "embedding"), ({"dropout": 1.0}, "dropout")]
)
def test_a_size_that_cannot_be_is_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        SymbolModelSettings(**wrong)  # type: ignore[arg-type]


def test_the_characters_of_the_paper_are_read_one_hot() -> None:
    of = build(SymbolModelSettings(trunk=SMALL, embedding=0), CharacterEncoding())
    assert of.trunk.reads == 108


def filtered(width: int = 24) -> SymbolModel:
    torch.manual_seed(1)
    trunk = RecurrentSettings("lstm", layers=1, width=width)
    return build(SymbolModelSettings(trunk=trunk, embedding=8, format_filter=True), PAIRS).eval()


PAIRS = PairEncoding()


def pairs(seed: int = 3) -> Tensor:
    """A piece in pairs, after the begin row."""
    tokens = torch.from_numpy(PAIRS.encode(improvised(seed)))
    return torch.cat([torch.tensor([[PAIRS.vocabulary.sizes[0]]]), tokens])[None]


def test_what_the_format_bars_has_no_chance_in_loss_and_argmax_alike() -> None:
    of, rows = filtered(), pairs()
    read, _ = of(rows[:, :-1], of.silent_state(1))
    chances = of.logits(read)[0].softmax(-1)
    for place, number in enumerate(rows[0, 1:-1, 0].tolist(), start=1):
        allowed = torch.from_numpy(PAIRS.allowed_after(number))
        assert chances[place][~allowed].sum() == 0
        assert allowed[of.logits(read)[0, place].argmax()]
    free = build(SymbolModelSettings(trunk=SMALL, embedding=8), PAIRS).eval()
    free.load_state_dict(of.state_dict())  # the filter is no weight
    freely = free.surprise(free(rows[:, :-1], free.silent_state(1))[0], rows[:, 1:])
    kept = of.surprise(read, rows[:, 1:])
    assert (kept[:, 1:] < freely[:, 1:]).all()  # what is barred leaves its chance to the others
    torch.testing.assert_close(kept[:, 0], freely[:, 0])  # before a piece anything may come


def test_with_the_filter_it_streams_learns_and_draws_as_without() -> None:
    of, rows = filtered(), pairs()
    check_streaming(of, rows.repeat(2, 1, 1))
    drawn = of.draw(of(rows, of.silent_state(1))[0], Drawing(temperature=50.0), chance())
    assert PAIRS.allowed_after(int(rows[0, -1, 0]))[drawn.item()]
    before, after = learnt_by_heart(of.train(), rows, 60, 2.0)
    assert after < before


@needs_bfloat16
@pytest.mark.parametrize("scale", [1.0, 30.0])
@pytest.mark.parametrize(
    "trunk",
    [
        RecurrentSettings("rnn", layers=1, width=24),
        SMALL,
        AttentionSettings(layers=1, width=24),
        AttentionSettings(layers=1, width=24, weights="scalar"),
    ],
    ids=["rnn", "lstm", "attention", "attention, one weight a step"],
)
def test_with_the_filter_it_learns_in_bfloat16_however_large_its_weights(
    trunk: TrunkSettings, scale: float
) -> None:
    torch.manual_seed(1)
    of = build(SymbolModelSettings(trunk=trunk, embedding=8, format_filter=True), PAIRS).train()
    rows, state = pairs(), of.silent_state(1)
    with torch.no_grad():
        for weight in of.parameters():
            weight.mul_(scale)
    for _ in range(2):  # from silence, and from a state in fewer bits
        with torch.autocast("cpu", torch.bfloat16):
            read, after = of(rows[:, :-1], state)
            nats = of.surprise(read, rows[:, 1:])
        assert nats.dtype == torch.float32
        assert nats.isfinite().all()
        of.zero_grad()
        nats.mean().backward()
        assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in of.parameters())
        state = carried(after)


def test_an_encoding_without_a_format_has_none_to_be_filtered_by() -> None:
    with pytest.raises(SettingError, match="'character' has no format"):
        build(SymbolModelSettings(trunk=SMALL, format_filter=True), CharacterEncoding())
