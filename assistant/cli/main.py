"""`studiospeak`: read the arguments, call the command, turn errors into one sentence and an exit code.

Exit codes: 0 done, 1 could not, 2 bad arguments. With `--json` exactly one JSON object goes to stdout; progress and
errors go to stderr. Commands are imported when called, so that `studiospeak word` never loads torch.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Sequence

from assistant.cli.listening import add_explore, add_library, add_match, add_separate
from console.errors import StudiospeakError

__all__ = ["main"]

_EXPORTS = ("dawproject", "rpp", "stems", "mix", "json", "report", "recall")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    command = importlib.import_module(f"assistant.cli.{options.command}")
    try:
        return command.run(options)
    except StudiospeakError as error:
        print(f"studiospeak {options.command}: {error}", file=sys.stderr)
        if getattr(options, "json", False):
            print(json.dumps({"error": str(error)}, ensure_ascii=False))
        return 1
    except KeyboardInterrupt:
        print(f"studiospeak {options.command}: stopped. Nothing of this command was kept.", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="studiospeak",
        description="Say what you want from a mix in studio words; a real console moves until the sound goes there.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    app = commands.add_parser("app", help="open the page in the browser")
    app.add_argument("--port", type=_port, default=None, help="port on this machine (default: a free one from 7860)")
    app.add_argument("--session", metavar="DIR", help="a session folder to open instead of the demo song")
    app.add_argument("--model", default="studiospeak", metavar="PROVIDER:NAME", help="a language model of your own")
    app.add_argument("--login", action="store_true", help="ask for a name and password that visitors must give")

    demo = commands.add_parser("demo", help="write the demo song's stems")
    demo.add_argument("out_dir", metavar="OUT_DIR")

    edit = commands.add_parser("edit", help="change a mix by words")
    edit.add_argument("audio", nargs="+", metavar="AUDIO", help="one stereo mix, several stems, or a folder of stems")
    edit.add_argument("--say", required=True, metavar="TEXT", help='what you want, e.g. "make the vocal warmer"')
    edit.add_argument("--out", required=True, metavar="DIR", help="folder for before.wav, after.wav, after/, *.json")
    edit.add_argument("--amount", type=_amount, default=1.0, help="how far to go: 1.0 is as said, up to 1.5")
    add_separate(edit)
    _json(edit)

    chat = commands.add_parser("chat", help="talk about a mix in the terminal; goes on where it was left")
    chat.add_argument("session_dir", metavar="SESSION_DIR", help="folder that keeps versions and what was said")
    chat.add_argument("audio", nargs="*", metavar="AUDIO", help="to start: one stereo mix, several stems, or a folder")
    chat.add_argument("--model", default="studiospeak", metavar="PROVIDER:NAME", help="a language model of your own")

    start = commands.add_parser("start", help="a first mix from raw tracks, every move explained")
    start.add_argument("audio", nargs="+", metavar="AUDIO", help="several stems, or a folder of them")
    start.add_argument("--out", required=True, metavar="DIR", help="folder for before.wav, after.wav, after/, *.json")
    _json(start)

    mcp = commands.add_parser("mcp", help="the same tools for an MCP client, over stdin and stdout")
    mcp.add_argument("session_dir", metavar="SESSION_DIR", help="folder that keeps versions, renders and exports")
    mcp.add_argument("audio", nargs="*", metavar="AUDIO", help="to start: one stereo mix, several stems, or a folder")
    mcp.add_argument(
        "--reference", action="append", default=[], metavar="PATH", help="a recording that may be read, or a folder"
    )

    explore = commands.add_parser("explore", help="several different mixes for one prompt, to choose from")
    add_explore(explore)
    _json(explore)

    match = commands.add_parser("match", help="make a mix or a track sound like references")
    add_match(match)
    _json(match)

    add_library(commands.add_parser("library", help="references in your own music, found by how they sound"))

    diagnose = commands.add_parser("diagnose", help="what is wrong with a mix, why, and what mends it")
    diagnose.add_argument(
        "audio", nargs="+", metavar="AUDIO", help="one stereo mix, several stems, or a folder of stems"
    )
    diagnose.add_argument("--ask", metavar="TEXT", help='a question, e.g. "why is it muddy?"')
    diagnose.add_argument("--reference", metavar="FILE", help="a mix to compare with")
    diagnose.add_argument(
        "--experience", choices=("amateur", "pro-am", "professional"), default="pro-am", help="how much detail is told"
    )
    _json(diagnose)

    parse = commands.add_parser("parse", help="show what a sentence is understood as")
    parse.add_argument("text", metavar="TEXT", help='a sentence; "-" reads one a line from stdin')
    parse.add_argument("--tracks", default="", metavar="NAMES", help='track names, "Lead Vox,Kick In,Bass DI"')
    _json(parse)

    word = commands.add_parser("word", help="what a word means here")
    word.add_argument("word", metavar="WORD")
    _json(word)

    embed = commands.add_parser("embed", help="FX embeddings: how audio was processed, one row a file")
    embed.add_argument("audio", nargs="+", metavar="AUDIO", help="files, or a folder of them")
    embed.add_argument("--out", metavar="FILE.npy", help="write the rows as a numpy array")
    embed.add_argument("--encoder", default="fx", metavar="NAME", help="fx, production-features, fxencoder:PATH, ...")
    _json(embed)

    plugin = commands.add_parser("plugin", help="tune a plug-in's knobs by words")
    plugin.add_argument("plugin", metavar="PLUGIN", help='a VST3 or Audio Unit, or e.g. "LowShelfFilter+Compressor"')
    plugin.add_argument("audio", metavar="AUDIO", help="the sound that goes through it")
    plugin.add_argument("--say", required=True, metavar="TEXT", help='what you want, e.g. "warmer"')
    plugin.add_argument("--out", required=True, metavar="DIR", help="folder for before.wav, after.wav, report.json")
    plugin.add_argument("--knobs", default="", metavar="NAMES", help="only these, by name, with commas between")
    plugin.add_argument("--estimator", default="proxy", choices=("proxy", "cma-es", "spsa"), help="how to search")
    plugin.add_argument("--renders", type=int, default=150, metavar="N", help="how often the plug-in may run")
    plugin.add_argument("--seed", type=int, default=0, metavar="N", help="the same seed gives the same knobs")
    _json(plugin)

    weights = commands.add_parser("weights", help="weights made by others: list, fetch, find")
    actions = weights.add_subparsers(dest="action", required=True, metavar="list|download|where")
    _json(actions.add_parser("list", help="what is known, what it improves, and whether it is here"))
    download = actions.add_parser("download", help="fetch one; the only command that uses the network")
    download.add_argument("name", metavar="NAME")
    _json(download)
    _json(actions.add_parser("where", help="print the folders"))

    export = commands.add_parser("export", help="hand a session's mix on: stems, a DAW project, a report")
    export.add_argument("session_dir", metavar="SESSION_DIR", help="the session's folder")
    export.add_argument("--to", required=True, choices=_EXPORTS, help="what to write")
    export.add_argument("--out", required=True, metavar="PATH", help="a file, for stems a folder; must not exist")
    export.add_argument("--of", type=int, default=None, metavar="VERSION", help="a version (default: the current one)")
    export.add_argument("--format", default="wav24", choices=("wav24", "float", "flac"), help="how audio is stored")
    export.add_argument("--loudness", type=_lufs, metavar="LUFS", help="bring the mix to this loudness")
    export.add_argument("--ceiling", type=_ceiling, default=-1.0, metavar="DBTP", help="and under this true peak")
    export.add_argument("--no-tails", action="store_true", help="end with the song, however it rings")
    _json(export)

    bench = commands.add_parser("bench", help="run the benchmarks")
    bench.add_argument("names", nargs="*", metavar="NAME", help="which ones (default: all)")
    _json(bench)
    return parser


def _json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print one JSON object")


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port. Use a whole number from 1 to 65535.")
    return int(text)


def _lufs(text: str) -> float:
    return _between(text, -60.0, 0.0, "a loudness", "LUFS")


def _ceiling(text: str) -> float:
    return _between(text, -20.0, 0.0, "a ceiling", "dBTP")


def _between(text: str, low: float, high: float, what: str, unit: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}. Use a number from {low:g} to {high:g} {unit}.")
    return value


def _amount(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0.0 < value <= 1.5:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount. Use a number above 0 and up to 1.5.")
    return value


if __name__ == "__main__":
    sys.exit(main())
