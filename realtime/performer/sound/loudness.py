"""How hard a note is struck when the answer is to be louder or softer than it was chosen.

Multiplying velocities would press half of them against 127, all equally loud. So the room that is used,
against the room that is left, is what is multiplied: velocity / (128 - velocity). Every step between soft and
loud stays one, and at 1 nothing changes. Must not know notes.
"""

_ROOM = 128


def struck_velocity(velocity: int, loudness: float) -> int:
    """The MIDI velocity, from 1 to 127, of a note chosen with this velocity, at a loudness around 1."""
    used, left = velocity * loudness, _ROOM - velocity
    return min(max(round(_ROOM * used / (used + left)), 1), _ROOM - 1)
