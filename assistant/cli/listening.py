"""Arguments of the commands that listen: explore, match, library."""

import argparse

__all__ = ["ASPECTS", "add_explore", "add_library", "add_match", "add_separate"]

ASPECTS = ("tone", "dynamics", "space", "width")
"""As `assistant.match.ASPECTS`, which would load torch."""


def add_explore(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `explore`."""
    command.add_argument(
        "audio", nargs="*", metavar="AUDIO", help="one stereo mix, several stems, or a folder of stems"
    )
    command.add_argument(
        "--say", required=True, metavar="TEXT", help='e.g. "warmer", "80s vibes", "more like 2 but wider"'
    )
    command.add_argument("-n", dest="count", type=_count, default=4, metavar="N", help="how many mixes, 2 to 8")
    command.add_argument("--from", dest="go_on", metavar="DIR", help="go on from the options in this folder")
    command.add_argument("--out", required=True, metavar="DIR", help="a new folder for the mixes")
    add_separate(command)


def add_match(command: argparse.ArgumentParser) -> None:
    """Add the arguments of `match`."""
    command.add_argument(
        "audio", nargs="+", metavar="AUDIO", help="one stereo mix, several stems, or a folder of stems"
    )
    command.add_argument(
        "--reference", required=True, action="append", metavar="FILE", help="may be given several times"
    )
    command.add_argument("--weight", action="append", type=float, metavar="W", help="of each reference, in their order")
    command.add_argument(
        "--blend", type=_share, metavar="SHARE", help="between two references: 0 the first, 1 the second"
    )
    command.add_argument("--only", action="append", choices=ASPECTS, help="match only this; may be given several times")
    command.add_argument("--track", metavar="NAME", help="match this track instead of the mix")
    command.add_argument("--amount", type=_amount, default=1.0, help="how far to go: 1.0 all the way, up to 1.5")
    command.add_argument("--loudness", action="store_true", help="take the reference's loudness too")
    command.add_argument(
        "--out", required=True, metavar="DIR", help="folder for before.wav, after.wav, after/, compare/"
    )
    add_separate(command)


def add_library(command: argparse.ArgumentParser) -> None:
    """Add the actions of `library` and their arguments."""
    actions = command.add_subparsers(dest="action", required=True, metavar="index|find")
    index = actions.add_parser("index", help="listen to a folder of music; goes on where it stopped")
    index.add_argument("folder", metavar="FOLDER", help="only read, never written")
    index.add_argument("--index", metavar="DIR", help="where the index goes (default: your data folder)")
    find = actions.add_parser("find", help="songs that sound like words, like a recording, or both")
    find.add_argument("text", metavar="TEXT", help='e.g. "warm and wide", "like this but darker"')
    find.add_argument("--like", metavar="FILE", help='the recording that "this" means')
    find.add_argument("--folder", metavar="FOLDER", help="the music folder whose index to search")
    find.add_argument("--index", metavar="DIR", help="the index to search")
    find.add_argument("-n", dest="count", type=int, default=10, metavar="N", help="how many songs")
    for action in (index, find):
        action.add_argument("--json", action="store_true", help="print one JSON object")


def add_separate(command: argparse.ArgumentParser) -> None:
    """Add the switch that takes a stereo mix apart."""
    command.add_argument(
        "--separate", action="store_true",
        help="take a stereo mix apart first (needs the extra separation and: studiospeak weights download htdemucs)",
    )  # fmt: skip


def _count(text: str) -> int:
    if not text.isdigit() or not 2 <= int(text) <= 8:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of mixes. Use 2 to 8.")
    return int(text)


def _share(text: str) -> float:
    return _between(text, 0.0, 1.0, "a share. Use 0 (the first reference) to 1 (the second).")


def _amount(text: str) -> float:
    return _between(text, 0.0, 1.5, "an amount. Use 0 to 1.5.")


def _between(text: str, low: float, high: float, what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return value
