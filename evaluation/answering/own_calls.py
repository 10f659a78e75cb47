"""Twenty calls that we composed, to hear and see what a model answers; ours, so anybody may have them.

The last ten are of the kinds that people play first, and that stages hear. They stand in the order in which
they were written: a call's place seeds the chances of its answer. Must not know models.
"""

from evaluation.answering.own_call import OwnCall, Voice

OWN_CALLS = (
    OwnCall(
        "Lullaby",
        "G major, rocking in three; soft, the pedal changed with each bar",
        84,
        (
            Voice("D5:2 B4:1 G4:2 A4:1 B4:1.5 C5:.5 B4:1 A4:3", 58),
            Voice("G3:1 D4:1 B3:1 E3:1 B3:1 G3:1 C3:1 G3:1 E3:1 D3:1 A3:1 F#3:1", 42),
        ),
        (0, 3, 6, 9),
    ),
    OwnCall(
        "Chorale",
        "D minor in four voices, a half close and home; even, without pedal",
        72,
        (
            Voice("D5:1 E5:1 F5:1 G5:1 F5:1 E5:.5 D5:.5 C#5:1 D5:2", 68, 0.98),
            Voice("A4:1 A4:1 A4:1 Bb4:1 A4:1 G4:1 E4:1 F4:2", 58, 0.98),
            Voice("F4:1 E4:1 D4:1 D4:1 D4:1 Bb3:.5 B3:.5 A3:1 A3:2", 56, 0.98),
            Voice("D3:1 C#3:1 D3:1 G2:1 A2:1 G2:1 A2:1 D2:2", 62, 0.98),
        ),
    ),
    OwnCall(
        "Invention",
        "C major, two voices running after each other in semiquavers",
        92,
        (
            Voice(
                "-:.25 C5:.25 D5:.25 E5:.25 F5:.25 D5:.25 E5:.25 C5:.25 G5:.5' C6:.5' B5:.5' C6:.5' "
                "D6:.25 G5:.25 A5:.25 B5:.25 C6:.25 A5:.25 B5:.25 G5:.25 C6:.5' G5:.5' E5:.5' F#5:.5' G5:1",
                76,
                0.85,
            ),
            Voice(
                "-:2.25 C4:.25 D4:.25 E4:.25 F4:.25 D4:.25 E4:.25 C4:.25 G4:.5' G3:.5' -:.5 G3:.5' "
                "A3:.25 E4:.25 D4:.25 C4:.25 B3:.5' D4:.5' G3:1",
                70,
                0.85,
            ),
        ),
    ),
    OwnCall(
        "Waltz",
        "E flat major, a bass and two chords to the bar under a turning tune; lively, pedal on "
        "each first beat",
        168,
        (
            Voice(
                "Bb4:1 G5:2 F5:1 Eb5:2 D5:1 C5:2 Eb5:1 Bb4:3 Ab4:2 F5:1 D5:2 C5:1 Bb4:1 C5:1 D5:1 Eb5:3", 80
            ),
            Voice(
                "-:1 Eb3:1 G3+Bb3:1' G3+Bb3:1' Bb2:1 G3+Bb3:1' G3+Bb3:1' C3:1 Ab3+Eb4:1' Ab3+Eb4:1' "
                "Eb3:1 G3+Bb3:1' G3+Bb3:1' F3:1 Ab3+C4:1' Ab3+C4:1' Bb2:1 Ab3+D4:1' Ab3+D4:1' "
                "Bb2:1 Ab3+D4:1' Ab3+D4:1' Eb3:3",
                60,
            ),
        ),
        (1, 4, 7, 10, 13, 16, 19, 22),
    ),
    OwnCall(
        "High and far",
        "F sharp minor, a few slow notes at the top of the piano, ringing in one pedal",
        52,
        (
            Voice("C#6:1.5 A6:.5 G#6:2 F#6:1 C#7:1.5 B6:.5 A6:2", 40),
            Voice("-:2 F#5+C#6:2!30 -:1 D5:2!28 -:2", 30),
        ),
        (0, 4),
    ),
    OwnCall(
        "Octaves",
        "C minor, both hands in octaves, as loud as they can",
        126,
        (
            Voice(
                "C5+C6:1 Eb5+Eb6:.5 D5+D6:.5 C5+C6:.5' G4+G5:.5' Ab4+Ab5:1 F4+F5:.5 G4+G5:.5 Ab4+Ab5:.5' "
                "B4+B5:.5' C5+C6:.5' D5+D6:.5' Eb5+Eb6:1 D5+D6:1 C5+C6:2",
                106,
                0.9,
            ),
            Voice("C2+C3:2 Eb2+Eb3:1 F2+F3:1 D2+D3:1 F2+F3:1 G2+G3:1 G2+G3:2 C2+C3:2", 102, 0.9),
        ),
    ),
    OwnCall(
        "After hours",
        "B flat major, a turnaround in ninths and thirteenths with a lazy line on top",
        104,
        (
            Voice(
                "-:.67 D5:.33 F5:.67 G5:.33 Bb5:1.33 A5:.67 G5:.67 Eb5:.33 D5:.67 Db5:.33 C5:2 "
                "-:.67 F5:.33 D5:.67 Bb4:.33 C5:.67 A4:1.33",
                78,
            ),
            Voice(
                "C3+Bb3+Eb4+G4:2.67' C3+Bb3+Eb4:1.33' F2+A3+Eb4:2.67' F2+Ab3+D4:1.33' Bb2+A3+C4+D4:2.67' "
                "G2+F3+B3+Eb4:1.33'",
                58,
            ),
        ),
    ),
    OwnCall(
        "Creeping",
        "in no key: lines by semitones from both ends towards the middle, growing",
        100,
        (
            Voice(
                "Ab5:.5!44 G5:.5!48 Gb5:.5!52 F5:.5!56 E5:.25!60 F5:.25!62 E5:.25!64 Eb5:.25!66 D5:.5!70 "
                "Db5:.5!74 C5:.5!78 B4:.5!82 Bb4:.5!86 B4:.5!88 A4:1.5!92",
                60,
            ),
            Voice(
                "C3:.5!40 Db3:.5!44 D3:1!48 Eb3:.5!52 E3:.5!56 F3:.5!60 Gb3:.5!64 G3:.5!68 "
                "Ab3:.5!72 A3:.5!76 "
                "Bb3:.5!80 C#4+F4:1.5!86",
                55,
            ),
        ),
    ),
    OwnCall(
        "Harp",
        "E major, broken chords over four octaves in one breath each, swimming in pedal",
        76,
        (
            Voice(
                "E2:.25 B2:.25 E3:.25 G#3:.25 B3:.25 E4:.25 G#4:.25 B4:.25 "
                "E5:.25 G#5:.25 B5:.25 G#5:.25 E5:.25 B4:.25 G#4:.25 E4:.25 "
                "C#2:.25 G#2:.25 C#3:.25 E3:.25 A3:.25 C#4:.25 E4:.25 A4:.25 "
                "C#5:.25 E5:.25 A5:.25 E5:.25 C#5:.25 A4:.25 E4:.25 C#4:.25 "
                "B1:.25 F#2:.25 B2:.25 D#3:.25 A3:.25 B3:.25 D#4:.25 F#4:.25 B4:1",
                62,
            ),
            Voice("-:2.5 B5:1.5!84 -:2.5 A5:1.5!80 -:2 B4:1!70", 80),
        ),
        (0, 4, 8),
    ),
    OwnCall(
        "Round the village",
        "D dorian, one line alone, as a fiddler would play it",
        112,
        (
            Voice(
                "D5:.5 E5:.5 F5:1 A5:.5' G5:.5 F5:.5 E5:.5 D5:1 C5:.5 A4:.5 C5:.5 D5:.5 E5:1 "
                "F5:.5 E5:.5 D5:.5 C5:.5 A4:1 B4:.5 C5:.5 D5:1.5' D5:1.5",
                84,
                0.88,
            ),
        ),
    ),
    OwnCall(
        "Four chords",
        "C major, the four chords of a hundred songs under a tune that comes before the beat; pedal on each "
        "bar",
        100,
        (
            Voice(
                "E5:.5 E5:.5 D5:.5 E5:1 G5:.5 E5:1 D5:.5 D5:.5 C5:.5 D5:1 B4:1.5 "
                "C5:.5 C5:.5 B4:.5 C5:1 E5:.5 C5:1 A4:.5 C5:.5 D5:.5 E5:.5 C5:2",
                78,
            ),
            Voice(
                "C3:1 G3+C4+E4:1 C3:1 G3+C4+E4:1 G2:1 G3+B3+D4:1 G2:1 G3+B3+D4:1 "
                "A2:1 A3+C4+E4:1 A2:1 A3+C4+E4:1 F2:1 A3+C4+F4:1 F2:1 A3+C4+F4:1",
                58,
            ),
        ),
        (0, 4, 8, 12),
    ),
    OwnCall(
        "Blues lick",
        "G with the blue third and seventh, swung, over a shuffle of fifths and sixths",
        112,
        (
            Voice(
                "Bb4:.33 B4:.67 D5:.67 E5:.33 G5:.67 F5:.33 D5:1' "
                "-:.67 F5:.33 D5:.67 Bb4:.33 G4:.67 F4:.33 G4:1' "
                "-:.67 Bb4:.33 B4:.67 D5:.33 G4:2",
                88,
                0.9,
            ),
            Voice(
                "G2+D3:.67 G2+D3:.33' G2+E3:.67 G2+E3:.33' G2+D3:.67 G2+D3:.33' G2+E3:.67 G2+E3:.33' "
                "G2+D3:.67 G2+D3:.33' G2+E3:.67 G2+E3:.33' G2+D3:.67 G2+D3:.33' G2+E3:.67 G2+E3:.33' "
                "G2+D3:.67 G2+D3:.33' G2+E3:.67 G2+E3:.33' G2+F3+B3:2",
                68,
                0.9,
            ),
        ),
    ),
    OwnCall(
        "Ragtime",
        "F major, the left hand striding between bass and chord, the right one always a semiquaver early",
        100,
        (
            Voice(
                "A4:.25 C5:.5 A4:.25 F5:.5 C5:.5 A4:.25 C5:.5 A4:.25 D5:.5 C5:.5 "
                "Bb4:.25 C5:.5 E5:.25 G5:.5 E5:.5 Bb4:.25 D5:.5 C5:.25 G4:1 "
                "A4:.25 C5:.5 A4:.25 F5:.5 A5:.5 F#5:.25 A5:.5 F#5:.25 D5:.5 C5:.5 "
                "B4:.25 D5:.5 F5:.25 E5:.5 G5:.25 E5:.25 F5:.25 C5:.25 A4:.5' F4+A4+C5+F5:1",
                84,
                0.85,
            ),
            Voice(
                "F2+F3:.5' A3+C4:.5' C2+C3:.5' A3+C4:.5' F2+F3:.5' A3+C4:.5' C2+C3:.5' A3+C4:.5' "
                "C3:.5' Bb3+E4:.5' G2:.5' Bb3+E4:.5' C3:.5' Bb3+E4:.5' G2:.5' Bb3+E4:.5' "
                "F2+F3:.5' A3+C4:.5' C2+C3:.5' A3+C4:.5' D3:.5' A3+C4+F#4:.5' A2:.5' A3+C4+F#4:.5' "
                "G2:.5' B3+F4:.5' C3:.5' Bb3+E4:.5' F3:.5' A3+C4:.5' F2+F3:1",
                70,
            ),
        ),
    ),
    OwnCall(
        "Sonatina",
        "D major, a tune of four bars over an Alberti bass; light, without pedal",
        126,
        (
            Voice(
                "A5:1.5 F#5:.5 D5:1 F#5:1 E5:.75 F#5:.25 G5:.5 E5:.5 F#5:1 -:1 "
                "B5:1 A5:.25 G5:.25 F#5:.25 G5:.25 A5:1 F#5:1 G5:.5 E5:.5 C#5:.5 E5:.5 D5:2",
                76,
                0.9,
            ),
            Voice(
                "D3:.5 A3:.5 F#3:.5 A3:.5 D3:.5 A3:.5 F#3:.5 A3:.5 "
                "C#3:.5 A3:.5 E3:.5 A3:.5 D3:.5 A3:.5 F#3:.5 A3:.5 "
                "D3:.5 B3:.5 G3:.5 B3:.5 D3:.5 A3:.5 F#3:.5 A3:.5 C#3:.5 A3:.5 G3:.5 A3:.5 D3:2",
                54,
            ),
        ),
    ),
    OwnCall(
        "Hymn",
        "A flat major in four voices that move together, closed by an amen; broad and full",
        88,
        (
            Voice("C5:1 Db5:1 Eb5:1 Db5:1 C5:1 C5:1 Bb4:1 Bb4:1 Ab4:2 Ab4:2 Ab4:2", 76, 0.98),
            Voice("Ab4:1 Ab4:1 Ab4:1 G4:1 Ab4:1 Ab4:1 F4:1 G4:1 Eb4:2 F4:2 Eb4:2", 66, 0.98),
            Voice("Eb4:1 F4:1 Eb4:1 Eb4:1 Eb4:1 C4:1 Db4:1 Db4:1 C4:2 Db4:2 C4:2", 64, 0.98),
            Voice("Ab3:1 Db3:1 C3:1 Eb3:1 Ab2:1 F3:1 Db3:1 Eb3:1 Ab2:2 Db3:2 Ab2:2", 70, 0.98),
        ),
    ),
    OwnCall(
        "Ornaments",
        "A minor, slow, with mordents and a turn, and a long trill before the close",
        63,
        (
            Voice(
                "E5:.125 D#5:.125 E5:.75 C5:1 C5:.125 B4:.125 A4:.125 B4:.625 E5:1 "
                "A5:.125 G#5:.125 A5:.75 F5:.25 E5:.25 D5:.25 C5:.25 "
                "C5:.125 B4:.125 C5:.125 B4:.125 C5:.125 B4:.125 C5:.125 B4:.125 "
                "C5:.125 B4:.125 C5:.125 B4:.125 C5:.125 B4:.125 A4:.125 B4:.125 A4:2",
                70,
                0.9,
            ),
            Voice("A3:1 C4:1 G#3:1 E3:1 F3:1 D3:1 E3+G#3+D4:2 A2+E3+C4:2", 56),
        ),
    ),
    OwnCall(
        "Bass alone",
        "E minor, the left hand by itself at the bottom of the piano, walking and swung",
        138,
        (
            Voice(
                "E2:1 G2:.67 A2:.33 Bb2:.67 B2:.33 D3:1 E3:.67 D3:.33 B2:.67 G2:.33 A2:1' -:.67 G2:.33 "
                "F#2:.67 G2:.33 A2:.67 C3:.33 B2:.67 F#2:.33 D#2:1' E2:.67' E3:.33' B1:1' E1:2",
                90,
            ),
        ),
    ),
    OwnCall(
        "Toccata",
        "F minor, each key struck four times running, over octaves in the bass; hard and dry",
        126,
        (
            Voice(
                "".join(
                    f"{key}:.25'!108 {key}:.25' {key}:.25' {key}:.25' "
                    for key in ["F5", "F5", "Ab5", "G5", "F5", "E5", "Db5", "E5", "F5", "C6", "Bb5", "G5"]
                )
                + "F4+Ab4+C5+F5:1'!112",
                92,
            ),
            Voice(
                "F2+F3:1.5' F2+F3:.5' Db2+Db3:1' C2+C3:1' Db2+Db3:1' C2+C3:1' Bb1+Bb2:1' C2+C3:1' "
                "F2+F3:1' Ab2+Ab3:1' Bb1+Bb2:1' C2+C3:1' F1+F2:1'",
                96,
            ),
        ),
    ),
    OwnCall(
        "Slow and alone",
        "B minor, one line in the middle of the piano, as a cello would play it",
        54,
        (Voice("F#4:1.5 G4:.5 F#4:.5 E4:.5 D4:1 C#4:1 E4:.5 D4:.5 B3:2", 62, 0.98),),
    ),
    OwnCall(
        "Clusters",
        "in no key: white keys low against black keys high, with flat hands and rests; the last ones ring",
        60,
        (
            Voice(
                "-:1 F#4+G#4+A#4+C#5+D#5:.5'!104 -:.5 F#4+G#4+A#4+C#5+D#5:.5'!108 "
                "F#6+G#6+A#6:.25'!50 F#6+G#6+A#6:.25'!42 -:1 F#4+G#4+A#4+C#5+D#5:2!70",
                80,
            ),
            Voice(
                "C2+D2+E2+F2+G2:1!108 -:1 C2+D2+E2+F2+G2:.5'!112 -:1.5 C3+D3+E3+F3+G3:2!62",
                80,
            ),
        ),
        (4,),
    ),
)
