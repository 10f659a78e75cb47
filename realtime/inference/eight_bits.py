"""Whether an eight-bit model file plays here what it was exported to play.

Where a processor has no VNNI, the runtime adds two products of eight bits in sixteen, which saturate if the
weights are large. Files of format 2 and later have weights with which nothing can saturate
(`export/saturation.py`); older ones play something else there. The processor is not asked for its name: one
product is computed, and looked at. Knows the file's header and the runtime. Must not know what is done about
it.
"""

from typing import Any

import numpy as np

from realtime.inference.bundle import Bundle
from realtime.inference.runtime import loaded_runtime

SAFE_SINCE_FORMAT = 2


def doubt_about(bundle: Bundle) -> str | None:
    """Why this file should not be played on this CPU and what to do, in one line; None if it can be."""
    header = bundle.header
    if header.precision != "int8" or header.format >= SAFE_SINCE_FORMAT or not saturates(loaded_runtime()):
        return None
    return (
        f"{bundle.path.name} was exported by an older Antiphon, and on this processor (no VNNI) "
        "its eight-bit products saturate, so it plays worse than it was trained: "
        "export its run again, or its fp16 file (antiphon export-onnx FILE)"
    )


def saturates(runtime: Any) -> bool:
    """Whether two products of large eight-bit numbers come to less than they should."""
    session = runtime.InferenceSession(_PRODUCT, providers=["CPUExecutionProvider"])
    most, large = np.full((1, 2), 255, np.uint8), np.full((2, 1), 127, np.int8)
    (found,) = session.run(None, {"a": most, "b": large})
    return int(found[0, 0]) != 2 * 255 * 127


# An ONNX model of one node, MatMulInteger, that multiplies `a` (uint8, 1 x 2) by `b` (int8, 2 x 1);
# `tests/realtime/inference/` has how.
_PRODUCT = bytes.fromhex(
    "08083a620a180a01610a0162120179220d4d61744d756c496e7465676572120770726f647563745a130a0161120e0a0c"
    "080212080a0208010a0208025a130a0162120e0a0c080312080a0208020a02080162130a0179120e0a0c080612080a02"
    "08010a02080142040a00100d"
)
