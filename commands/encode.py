"""`antiphon encode`: a MIDI file as tokens, to read or to decode again; and the list of encodings."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from commands.parts.refusal import add_settings_option, refusing, settings_of
from commands.parts.token_file import MANY_FIELDS, file_of
from music.encodings.catalogue import ENCODINGS, encoding_named
from music.midi.files import read_phrase
from music.tokens.encoding import Encoding, EncodingError, Tokens
from music.tokens.loss import loss_of

EXAMPLES = """\
  antiphon encode --list
  antiphon encode call.mid --as event
  antiphon encode call.mid --as event --set pedal=true --loss
  antiphon encode call.mid --as roll-token --set frequency=20 --json > tokens.json"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE.mid", help="the music")
    parser.add_argument(
        "--list", action="store_true", help="list the encodings, their sizes, what each loses"
    )
    parser.add_argument("--as", dest="encoding", metavar="NAME", help="the encoding")
    add_settings_option(parser, "a setting of the encoding")
    parser.add_argument(
        "--pedal",
        choices=("keep", "fold", "drop"),
        default="keep",
        help="what to do with the sustain pedal first (keep: as the encoding does it)",
    )
    parser.add_argument("--loss", action="store_true", help="also say what does not come back, and how much")
    parser.add_argument("--json", action="store_true", help="print JSON that `antiphon decode` reads")


@refusing
def run(args: argparse.Namespace) -> int:
    """Print the tokens of a file, or the list."""
    if args.list:
        print("\n".join(_listed()))
        return 0
    if args.file is None or args.encoding is None:
        raise EncodingError("say a file and --as NAME (antiphon encode --list has the names)")
    encoding = encoding_named(args.encoding, **settings_of(args.settings))
    phrase = read_phrase(args.file, pedal=args.pedal)
    encoding = encoding.fitted([phrase])
    tokens = encoding.encode(phrase)
    loss = loss_of(encoding, phrase).record() if args.loss else None
    if args.json:
        json.dump(file_of(encoding, tokens) | ({"loss": loss} if loss else {}), sys.stdout)
        print()
        return 0
    print("\n".join(_shown(encoding, tokens)))
    if loss:
        print("\n" + "\n".join(f"{name:20} {value:.6g}" for name, value in loss.items()))
    return 0


def _shown(encoding: Encoding, tokens: Tokens) -> Iterator[str]:
    fields = encoding.vocabulary.fields
    yield f"{len(tokens)} tokens of {encoding.name}, fingerprint {encoding.fingerprint}"
    if len(fields) > MANY_FIELDS:
        yield from _shown_sparsely(encoding, tokens)
        return
    for row in tokens.tolist():
        numbers = " ".join(f"{value:.6g}" for value in row)
        yield f"{numbers:>16}  {encoding.vocabulary.show(tuple(row))}"


def _shown_sparsely(encoding: Encoding, tokens: Tokens) -> Iterator[str]:
    fields = encoding.vocabulary.fields
    for place, row in enumerate(tokens):
        yield f"{place:6}  " + " ".join(fields[column].name for column in row.nonzero()[0])


def _listed() -> Iterator[str]:
    for name, kind in ENCODINGS.items():
        encoding = kind()
        yield name
        yield f"    {_sizes(encoding)}"
        settings = ", ".join(f"{key}={value}" for key, value in encoding.settings.items())
        if settings:
            yield f"    settings: {settings}"
        yield f"    loses: {encoding.loses}"


def _sizes(encoding: Encoding) -> str:
    if encoding.symbols_learnt is not None:
        return "symbols learnt from the music"
    fields = encoding.vocabulary.fields
    if len(fields) > MANY_FIELDS:
        return f"{len(fields)} fields of {fields[0].size} symbols"
    if len(fields) == 1:
        return f"{fields[0].size} symbols"
    return ", ".join(f"{field.name}: {'real' if field.is_real else field.size}" for field in fields)
