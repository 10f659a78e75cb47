"""`antiphon decode`: tokens back into a MIDI file."""

import argparse
from pathlib import Path

from commands.parts.refusal import add_settings_option, refusing, settings_of
from commands.parts.token_file import read
from music.midi.files import write_midi

EXAMPLES = """\
  antiphon decode tokens.json --as roll-token --out again.mid
  echo '["1","1","62","2","1","1","46","91","12"]' > typed.json
  antiphon decode typed.json --as character --set tempo=90 --out typed.mid"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "file", type=Path, metavar="TOKENS.json", help="what `antiphon encode --json` printed, or a list"
    )
    parser.add_argument("--as", dest="encoding", required=True, metavar="NAME", help="the encoding")
    add_settings_option(parser, "a setting of the encoding")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE.mid", help="where to write the music"
    )


@refusing
def run(args: argparse.Namespace) -> int:
    """Write the music that the tokens stand for."""
    encoding, tokens = read(args.file, args.encoding, settings_of(args.settings))
    phrase = encoding.decode(tokens)
    write_midi(phrase, args.out)
    print(f"{args.out}: {len(phrase.notes)} notes, {phrase.until:.1f} s, from {len(tokens)} tokens")
    return 0
