"""An eight-bit file of an older format is doubted where products saturate, and nowhere else."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from realtime.inference import eight_bits
from realtime.inference.bundle import Bundle, read_bundle
from realtime.inference.default_model import default_model
from realtime.inference.eight_bits import doubt_about, saturates
from tests.realtime.test_choices import choices

pytest.importorskip("onnxruntime")


def bundle(**header: Any) -> Bundle:
    shipped = read_bundle(default_model())
    return replace(shipped, header=replace(shipped.header, **header))


def runtime_that_finds(product: int) -> Any:
    session = SimpleNamespace(run=lambda *_: [np.array([[product]], np.int32)])
    return SimpleNamespace(InferenceSession=lambda *_, **__: session)


@pytest.mark.parametrize(("product", "too_small"), [(64_770, False), (32_767, True)])
def test_a_product_that_comes_to_too_little_saturates(product: int, too_small: bool) -> None:
    assert saturates(runtime_that_finds(product)) is too_small


def test_the_real_runtime_computes_one_or_the_other() -> None:
    model = eight_bits.loaded_runtime().InferenceSession(
        eight_bits._PRODUCT, providers=["CPUExecutionProvider"]
    )
    (found,) = model.run(None, {"a": np.full((1, 2), 255, np.uint8), "b": np.full((2, 1), 127, np.int8)})
    assert int(found[0, 0]) in (64_770, 32_767)
    (small,) = model.run(None, {"a": np.array([[3, 5]], np.uint8), "b": np.array([[-7], [2]], np.int8)})
    assert int(small[0, 0]) == -11


@pytest.mark.parametrize(
    ("header", "here_saturates", "is_doubted"),
    [
        ({"format": 1}, True, True),
        ({"format": 1}, False, False),
        ({"format": 1, "precision": "fp16"}, True, False),
        ({}, True, False),
    ],
)
def test_only_old_eight_bit_files_are_doubted_and_only_where_products_saturate(
    monkeypatch: pytest.MonkeyPatch, header: dict[str, Any], here_saturates: bool, is_doubted: bool
) -> None:
    monkeypatch.setattr(eight_bits, "saturates", lambda _: here_saturates)
    doubt = doubt_about(bundle(**header))
    assert (doubt is not None) is is_doubted
    assert doubt is None or "antiphon export-onnx" in doubt


def test_the_default_model_is_not_doubted() -> None:
    assert choices().doubt is None
