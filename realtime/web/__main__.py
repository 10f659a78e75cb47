"""`python -m realtime.web`: how the engine starts the page process.

Rows come in on the standard input, wishes go out on the other.
"""

import argparse
import faulthandler
import sys
from contextlib import suppress
from pathlib import Path

from realtime.priority import be_ordinary
from realtime.web.process import Network, PageChoices, run


def _choices(words: list[str]) -> PageChoices:
    parser = argparse.ArgumentParser(prog="realtime.web", description="The page and the takes of Antiphon.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--port-is-a-wish", action="store_true", help="if it is in use, any free one will do")
    parser.add_argument("--ip", help="listen there, too, and not on 127.0.0.1 alone")
    parser.add_argument("--name", help="how browsers call that address")
    parser.add_argument("--certificate", type=Path, help="encrypts what goes over that address, with")
    parser.add_argument("--key", type=Path, help="the key that belongs to it")
    parser.add_argument("--no-page", action="store_true", help="write takes only")
    args = parser.parse_args(words)
    if not 0 <= args.port < 1 << 16:
        parser.error(f"--port {args.port}: ports are 1 to 65535, or 0 for any free one")
    network = None if args.ip is None else Network(args.ip, args.name or args.ip, args.certificate, args.key)
    return PageChoices(None if args.no_page else args.port, args.port_is_a_wish, network)


if __name__ == "__main__":
    with suppress(AttributeError, OSError, RuntimeError, ValueError):  # there is no standard error
        faulthandler.enable()
    be_ordinary()  # the engine that starts us may be urgent; a page is not
    run(_choices(sys.argv[1:]))
