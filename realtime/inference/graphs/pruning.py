"""A graph that can do less: an output that nobody asks for, and a choice that always falls the same way, are
taken out of its branches, with all nodes that nothing else needs.

The runtime leaves out no work of a branch because nobody asks for what comes out of it. Knows how an ONNX
file holds nodes and branches. Must not know what an output is, nor what is chosen.
"""

from realtime.inference.graphs.fields import Field, outer_fields, text_field, whole_field
from realtime.inference.graphs.writing import GIVES, MOST_PARTS, NODE, name_of

_TAKES, _GIVES, _OPERATOR, _ATTRIBUTE = 1, 2, 4, 5  # fields of a node
_GRAPH = 6  # of an attribute
_PARTED = {"Split", "Slice", "Squeeze", "Unsqueeze", "Gather", "Reshape", "Identity"}  # the same, in parts


def pruned(graph: bytes, output: str, never: str) -> bytes:
    """The graph of a model without this output, which comes out of branches; within these, nothing of the
    truth values `never` is ever true."""
    parts: list[bytes | memoryview] = []
    for field in outer_fields(graph, MOST_PARTS):
        if field.number == NODE and output in _names(field.value, _GIVES):
            parts.append(whole_field(NODE, _with_branches_pruned(field.value, output, never)))
        elif not (field.number == GIVES and name_of(field.value) == output):
            parts.append(field.whole)
    return b"".join(parts)


def _with_branches_pruned(node: memoryview, output: str, never: str) -> bytes:
    """A node that has branches, which have outputs in the same order; one that has none stays as it is."""
    parts, gives = list(outer_fields(node, MOST_PARTS)), _names(node, _GIVES)
    if not any(_is_branch(part) for part in parts):
        return bytes(node)
    place = gives.index(output)
    kept = [_branch_pruned(part, place, never) for part in parts if part.number != _GIVES]
    return b"".join([*kept, *(text_field(_GIVES, name) for name in gives if name != output)])


def _is_branch(part: Field) -> bool:
    return part.number == _ATTRIBUTE and any(field.number == _GRAPH for field in outer_fields(part.value))


def _branch_pruned(part: Field, place: int, never: str) -> bytes:
    if not _is_branch(part):
        return bytes(part.whole)
    fields = (
        whole_field(_GRAPH, _needed(_decided(field.value, never), place))
        if field.number == _GRAPH
        else field.whole
        for field in outer_fields(part.value)
    )
    return whole_field(_ATTRIBUTE, b"".join(fields))


def _decided(branch: memoryview, never: str) -> bytes:
    """Where a value is chosen by something that is never true, the other one is taken at once."""
    parts: list[bytes | memoryview] = []
    false, instead = {never}, dict[str, str]()
    gives = {name_of(part.value) for part in outer_fields(branch, MOST_PARTS) if part.number == GIVES}
    for part in outer_fields(branch, MOST_PARTS):
        if part.number != NODE:
            parts.append(part.whole)
            continue
        operator, takes, made = (_names(part.value, which) for which in (_OPERATOR, _TAKES, _GIVES))
        if operator[0] in _PARTED and takes[0] in false:
            false.update(made)
        if operator[0] == "Where" and takes[0] in false and made[0] not in gives:
            instead[made[0]] = instead.get(takes[2], takes[2])
        else:
            parts.append(whole_field(NODE, _taking(part.value, instead)))
    return b"".join(parts)


def _taking(node: memoryview, instead: dict[str, str]) -> bytes:
    """A node that takes other values in place of some."""
    parts = list(outer_fields(node, MOST_PARTS))
    takes = (instead.get(name, name) for name in _names(node, _TAKES))
    others = (part.whole for part in parts if part.number != _TAKES)
    return b"".join([*(text_field(_TAKES, name) for name in takes), *others])


def _needed(branch: bytes, place: int) -> bytes:
    """A branch without its output at this place, and without nodes that no other needs."""
    parts = list(outer_fields(branch, MOST_PARTS))
    gone = [part for part in parts if part.number == GIVES][place]
    needed = {name_of(part.value) for part in parts if part.number == GIVES and part is not gone}
    kept: list[bytes | memoryview] = []
    for part in reversed(parts):  # nodes stand behind those whose outputs they take
        if part.number == NODE:
            if not needed.intersection(_names(part.value, _GIVES)):
                continue
            needed.update(_names(part.value, _TAKES))
        if part is not gone:
            kept.append(part.whole)
    return b"".join(reversed(kept))


def _names(node: memoryview, number: int) -> list[str]:
    return [bytes(part.value).decode() for part in outer_fields(node, MOST_PARTS) if part.number == number]
