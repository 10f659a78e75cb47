"""Whether an ONNX file holds all its weights itself, or names other files that it takes some from.

Knows where in a file tensors stand. Must not know what they are for.
"""

from realtime.inference.graphs.fields import BrokenFile, outer_fields

# Of each kind of message, what it holds by the number of the field.
_HELD = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}
_ELSEWHERE = 13  # of a tensor: where its numbers lie
_MOST_FIELDS = 1 << 20  # in all; the default model has some thousands


def has_weights_elsewhere(content: bytes) -> bool:
    """Whether any tensor names another file."""
    left, waiting = _MOST_FIELDS, [("model", memoryview(content))]
    while waiting:
        kind, message = waiting.pop()
        held = _HELD[kind]
        for field in outer_fields(message, _MOST_FIELDS):
            left -= 1
            if not left:
                raise BrokenFile(f"more than {_MOST_FIELDS} fields")
            if kind == "tensor" and field.number == _ELSEWHERE:
                return True
            if field.number in held:
                waiting.append((held[field.number], field.value))
    return False
