"""`python -m realtime.web`: how the engine starts the page process.

Rows come in on the standard input, wishes go out on the other.
"""

import argparse
import sys

from realtime.priority import be_ordinary
from realtime.web.process import PageChoices, run


def _choices(words: list[str]) -> PageChoices:
    parser = argparse.ArgumentParser(prog="realtime.web", description="The page and the takes of Antiphon.")
    parser.add_argument("--port", type=int, default=0, help="of 127.0.0.1; 0: any free one")
    parser.add_argument("--port-is-a-wish", action="store_true", help="if it is in use, any free one will do")
    parser.add_argument("--no-page", action="store_true", help="write takes only")
    args = parser.parse_args(words)
    if not 0 <= args.port < 1 << 16:
        parser.error(f"--port {args.port}: ports are 1 to 65535, or 0 for any free one")
    return PageChoices(None if args.no_page else args.port, port_is_a_wish=args.port_is_a_wish)


if __name__ == "__main__":
    be_ordinary()  # the engine that starts us may be urgent; a page is not
    run(_choices(sys.argv[1:]))
