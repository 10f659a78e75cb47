"""A graph without one of its outputs, and without the nodes that nothing else needs.

The runtime leaves out no work of a branch because nobody asks for what comes out of it. Knows how an ONNX
file holds nodes and branches. Must not know what an output is.
"""

from realtime.inference.graphs.fields import Field, outer_fields, text_field, whole_field
from realtime.inference.graphs.writing import GIVES, MOST_PARTS, NODE, name_of

_TAKES, _GIVES, _ATTRIBUTE = 1, 2, 5  # fields of a node
_GRAPH = 6  # of an attribute


def without_output(graph: bytes, name: str) -> bytes:
    """The graph of a model without this output; where it comes out of branches, they lose what made it."""
    parts: list[bytes | memoryview] = []
    for field in outer_fields(graph, MOST_PARTS):
        if field.number == NODE and name in _names(field, _GIVES):
            parts.append(whole_field(NODE, _without_in_branches(field, _names(field, _GIVES).index(name))))
        elif not (field.number == GIVES and name_of(field.value) == name):
            parts.append(field.whole)
    return b"".join(parts)


def _without_in_branches(node: Field, place: int) -> bytes:
    """A node that has branches, without the output at this place; one that has none stays as it is."""
    parts = list(outer_fields(node.value, MOST_PARTS))
    if not any(_branch_of(part) for part in parts):
        return bytes(node.value)
    kept = [name for number, name in enumerate(_names(node, _GIVES)) if number != place]
    return b"".join(
        [
            *(_with_branch_without(part, place) for part in parts if part.number != _GIVES),
            *(text_field(_GIVES, name) for name in kept),
        ]
    )


def _branch_of(part: Field) -> Field | None:
    if part.number != _ATTRIBUTE:
        return None
    return next((field for field in outer_fields(part.value) if field.number == _GRAPH), None)


def _with_branch_without(part: Field, place: int) -> bytes:
    if not _branch_of(part):
        return bytes(part.whole)
    fields = (
        whole_field(_GRAPH, _pruned(field.value, place)) if field.number == _GRAPH else field.whole
        for field in outer_fields(part.value)
    )
    return whole_field(_ATTRIBUTE, b"".join(fields))


def _pruned(branch: memoryview, place: int) -> bytes:
    """A branch without its output at this place, and without nodes that no other needs."""
    parts = list(outer_fields(branch, MOST_PARTS))
    gone = [part for part in parts if part.number == GIVES][place]
    needed = {name_of(part.value) for part in parts if part.number == GIVES and part is not gone}
    kept: list[bytes | memoryview] = []
    for part in reversed(parts):  # nodes stand behind those whose outputs they take
        if part.number == NODE:
            if not needed.intersection(_names(part, _GIVES)):
                continue
            needed.update(_names(part, _TAKES))
        if part is not gone:
            kept.append(part.whole)
    return b"".join(reversed(kept))


def _names(node: Field, number: int) -> list[str]:
    return [
        bytes(part.value).decode() for part in outer_fields(node.value, MOST_PARTS) if part.number == number
    ]
