"""A SoundFont for tests, worked out here: a grand piano of sines, and an organ that is listed before it."""

import math
import struct
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SAMPLE_RATE = 16000
KEYS, VELOCITIES, PAN, ATTENUATION, LOOPS, ROOT, INSTRUMENT, SAMPLE = 43, 44, 17, 48, 54, 58, 41, 53
DECAY, SUSTAIN, RELEASE, CUTOFF, CENTS = 36, 37, 38, 8, 52
_AFTER_EACH = 46  # samples of silence, as the format has it


@dataclass(frozen=True, slots=True)
class Zone:
    """A sine at a pitch, so many seconds long, for these keys and velocities; `says` has other generators."""

    pitch: int
    keys: tuple[int, int] = (0, 127)
    velocities: tuple[int, int] = (0, 127)
    seconds: float = 0.5
    loop: tuple[int, int] | None = None
    says: Mapping[int, int] = field(default_factory=dict)

    def samples(self) -> "array[int]":
        """The sine, falling where it has no loop."""
        turn = 2 * math.pi * 440 * 2 ** ((self.pitch - 69) / 12) / SAMPLE_RATE
        falls = 0.0 if self.loop else 3 / SAMPLE_RATE
        length = round(self.seconds * SAMPLE_RATE)
        return array(
            "h", (round(12000 * math.exp(-falls * at) * math.sin(turn * at)) for at in range(length))
        )

    def generators(self, sample: int) -> bytes:
        """What the zone says, its ranges first and its sample last."""
        said = [*self.says.items(), (ROOT, self.pitch), (LOOPS, 1 if self.loop else 0), (SAMPLE, sample)]
        ranges = ((KEYS, self.keys), (VELOCITIES, self.velocities))
        return b"".join(
            [struct.pack("<HBB", number, *span) for number, span in ranges]
            + [struct.pack("<Hh", number, value) for number, value in said]
        )


def font(zones: Sequence[Zone], preset_says: Mapping[int, int] | None = None, kind: int = 1) -> bytes:
    """The file."""
    head, sound, tail = parts(zones, preset_says, kind)
    return head + sound + tail


def parts(
    zones: Sequence[Zone],
    preset_says: Mapping[int, int] | None = None,
    kind: int = 1,
    claimed: int | None = None,
) -> tuple[bytes, bytes, bytes]:
    """What comes before the sound, the sound, and what follows, as if the sound had `claimed` bytes."""
    sound, headers = b"", b""
    for number, zone in enumerate(zones):
        samples = zone.samples()
        begin = len(sound) // 2
        end = begin + len(samples)
        loop = (0, 0) if zone.loop is None else zone.loop
        places = (begin, end, begin + loop[0], begin + loop[1], SAMPLE_RATE)
        headers += struct.pack("<20s5IBbHH", f"sine {number}".encode(), *places, zone.pitch, 0, 0, kind)
        sound += samples.tobytes() + bytes(2 * _AFTER_EACH)
    headers += struct.pack("<20s5IBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    tail = _list(b"pdta", *_instruments(zones), *_presets(preset_says or {}), _chunk(b"shdr", headers))
    size = len(sound) if claimed is None else claimed
    info = _list(b"INFO", _chunk(b"ifil", struct.pack("<HH", 2, 4)))
    around = b"LIST" + struct.pack("<I", 12 + size) + b"sdta" + b"smpl" + struct.pack("<I", size)
    whole = 4 + len(info) + len(around) + size + len(tail)
    return b"RIFF" + struct.pack("<I", whole) + b"sfbk" + info + around, sound, tail


def _instruments(zones: Sequence[Zone]) -> list[bytes]:
    """One that all presets share."""
    generators = [zone.generators(number) for number, zone in enumerate(zones)]
    bags = [sum(len(said) // 4 for said in generators[:place]) for place in range(len(zones) + 1)]
    names = struct.pack("<20sH", b"Sines", 0) + struct.pack("<20sH", b"EOI", len(zones))
    return [
        _chunk(b"inst", names),
        _chunk(b"ibag", b"".join(struct.pack("<HH", bag, 0) for bag in bags)),
        _chunk(b"igen", b"".join(generators) + bytes(4)),
    ]


def _presets(says: Mapping[int, int]) -> list[bytes]:
    """An organ that says nothing, and the piano, which leads to the same instrument."""
    rows = ((b"Organ", 16, 0), (b"Made Grand", 0, 1), (b"EOP", 0, 2))
    leads = struct.pack("<Hh", INSTRUMENT, 0)
    said = b"".join(struct.pack("<Hh", number, value) for number, value in says.items())
    names = b"".join(struct.pack("<20sHHHIII", name, program, 0, bag, 0, 0, 0) for name, program, bag in rows)
    bags = (0, 1, 2 + len(says))
    return [
        _chunk(b"phdr", names),
        _chunk(b"pbag", b"".join(struct.pack("<HH", bag, 0) for bag in bags)),
        _chunk(b"pgen", leads + said + leads + bytes(4)),
    ]


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _list(name: bytes, *chunks: bytes) -> bytes:
    return _chunk(b"LIST", name + b"".join(chunks))
