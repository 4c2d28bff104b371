"""`studiospeak explore`: several different mixes for one prompt, to choose from; what is said of them goes on.

The folder gets `before.wav`, a whole mix a file (`N NAME.wav`, float, all as loud as `before.wav`), `settings/N.json`,
`map.html` and `explore.json`. `--from DIR` goes on from such a folder: "more like 2 but wider", "between 1 and 3",
"nothing like these", "2 please". Nothing is ever written over.
"""

import argparse
import json
from pathlib import Path

from rich.console import Console as Terminal

from assistant.cli.inputs import load_song
from assistant.explore import Explorer, Option, Options, Point, follow_up_of, option_of, sound_map
from assistant.explore.figure import draw_map
from assistant.explore.keep import FILE, load_options, save_options
from assistant.explore.pick import picked
from assistant.measure import hear_song
from assistant.tell import describe_moves, name_channel
from console.errors import AudioFileError, RequestError
from console.settings import Settings
from exchange import Song, write_audio
from exchange.destination import file_names

__all__ = ["run"]


def run(options: argparse.Namespace) -> int:
    """Explore, write the folder, print the mixes.

    Returns:
        0 with two mixes at least, or a pick; 1 with fewer.
    Raises:
        AudioFileError: the audio cannot be read, or the folder is taken.
        RequestError: neither audio nor `--from`, or an option that does not exist.
    """
    out = Path(options.out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise AudioFileError(f"{out} is there already. Choose a new folder with --out; nothing was written.")
    heard, audio = (None, options.audio) if options.go_on is None else load_options(Path(options.go_on) / FILE)
    if not audio:
        raise RequestError("Name the audio to explore, or a folder to go on from with --from.")
    song = load_song(audio, out if options.separate else None)
    said = None if heard is None else follow_up_of(options.say)
    before = Settings.neutral([track.name for track in song.tracks]) if heard is None else heard.before
    if heard is not None and said is not None and said.kind == "pick":
        return _pick(out, song, heard, said.numbers[0], options.json)
    explorer = Explorer()
    with Terminal(stderr=True).status("listening") as status:

        def tell(step: str, share: float) -> None:
            status.update(f"{step}: {100 * share:.0f} %")

        if heard is not None and said is not None:
            found = explorer.follow(song, heard, said, options.say, options.count, progress=tell)
        else:
            found = explorer.explore(song, before, options.say, options.count, progress=tell)
    rows = _write(out, song, found, explorer, [str(Path(name).resolve()) for name in audio])
    _print(found, rows, options.json, out)
    return 0 if len(found.options) > 1 else 1


def _write(out: Path, song: Song, found: Options, explorer: Explorer, audio: list[str]) -> list[dict]:
    inputs = [track.path for track in song.tracks if track.path is not None]
    try:
        (out / "settings").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AudioFileError(f"{out} cannot be written ({error.strerror}). Choose another folder.") from error
    write_audio(out / "before.wav", hear_song(song, found.before, ()).master, song.sample_rate, "float", protect=inputs)
    drawn = _map(found, explorer)
    rows = []
    safe = file_names(option.reading.name for option in found.options)
    for option, (x, y) in zip(found.options, drawn, strict=True):
        path = out / f"{option.number} {safe[option.reading.name]}.wav"
        mix = hear_song(song, option.settings, ()).master * 10 ** (option.gain_db / 20)
        write_audio(path, mix.astype("float32"), song.sample_rate, "float", protect=inputs)
        (out / "settings" / f"{option.number}.json").write_text(option.settings.to_json() + "\n", encoding="utf-8")
        rows.append(_row(option, path, x, y))
    save_options(out / FILE, found, audio)
    if len(found.options):
        sounds = sound_map(_points(found), explorer.model)
        draw_map(sounds).write_html(out / "map.html", include_plotlyjs=True)
    return rows


def _points(found: Options) -> list[Point]:
    points = [Point("before", "version", found.here, found.before)]
    return points + [Point(f"{o.number} {o.reading.name}", "option", o.place, o.settings) for o in found.options]


def _map(found: Options, explorer: Explorer) -> list[tuple[float, float]]:
    if not found.options:
        return []
    return [(point.x, point.y) for point in sound_map(_points(found), explorer.model).points[1:]]


def _row(option: Option, path: Path, x: float, y: float) -> dict:
    return {
        "number": option.number,
        "name": option.reading.name,
        "why": option.reading.why,
        "kind": option.reading.kind,
        "say": option.reading.say,
        "file": str(path),
        "embedding_2d": [round(x, 4), round(y, 4)],
        "loudness_matched_db": option.gain_db,
        "moves": [move.model_dump(mode="json") for move in option.moves],
    }


def _pick(out: Path, song: Song, heard: Options, number: int, as_json: bool) -> int:
    chosen = option_of(heard, number)
    reply = picked(heard, chosen)
    out.mkdir(parents=True, exist_ok=True)
    inputs = [track.path for track in song.tracks if track.path is not None]
    for name, settings in (("before.wav", heard.before), ("after.wav", chosen.settings)):
        write_audio(out / name, hear_song(song, settings, ()).master, song.sample_rate, "float", protect=inputs)
    (out / "settings.json").write_text(chosen.settings.to_json() + "\n", encoding="utf-8")
    if as_json:
        moved = [move.model_dump(mode="json") for move in chosen.moves]
        print(
            json.dumps(
                {"picked": number, "name": chosen.reading.name, "reply": reply, "moves": moved}, ensure_ascii=False
            )
        )
    else:
        print(reply)
        print(f"\nWritten to {out}: before.wav, after.wav, settings.json")
    return 0


def _print(found: Options, rows: list[dict], as_json: bool, out: Path) -> None:
    if as_json:
        print(json.dumps({"mixes": rows, "notes": list(found.notes)}, ensure_ascii=False))
        return
    for option in found.options:
        print(f"{option.number}. {option.reading.name} ({option.reading.why})")
        channels = dict.fromkeys(move.track for move in option.moves)
        for channel in channels:
            line = describe_moves([move for move in option.moves if move.track == channel])
            print(f"   {name_channel(channel)}: {line}")
    for note in found.notes:
        print(note)
    print(f'\nWritten to {out}. Go on with: studiospeak explore --from {out} --say "more like 2 but wider" --out NEW')
