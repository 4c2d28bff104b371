"""`studiospeak edit`: change a mix by words and write what came of it.

The folder gets `before.wav` and `after.wav` (float, same length, not loudness-matched: they show what really changed),
`after/NAME.wav` for every stem (after its fader, before groups, effects and master), `settings.json`, `report.json`.
"""

import argparse
import json
import sys
from pathlib import Path

import torch
from rich.console import Console as Terminal

from assistant.events import Asked, Event, Measured, Moved, Progress, Said, Understood
from assistant.measure import hear_song
from assistant.recognise import recognised
from assistant.session import Session
from assistant.turn import Assistant, Clock
from console.errors import AudioFileError
from console.render import render
from console.settings import Settings
from exchange import Song, Track, load_tracks, write_audio

__all__ = ["run"]

_OUTPUTS = ("before.wav", "after.wav", "after", "settings.json", "report.json")


def run(options: argparse.Namespace) -> int:
    """Edit, write the folder, print the reply or the report.

    Returns:
        0 if something moved; 1 if nothing did (a question, an unclear or impossible request), then nothing is written.
    """
    out = Path(options.out)
    _check_free(out)
    song = recognised(load_tracks(options.audio[0] if len(options.audio) == 1 else options.audio))
    session, clock = Session(song), Clock()
    report, moved = _turn(session, options, clock)
    for note in song.notes:
        print(f"note: {note}", file=sys.stderr)
    if moved:
        _write(out, session, report)
    _print(report, options.json, out if moved else None)
    return 0 if moved else 1


def _turn(session: Session, options: argparse.Namespace, clock: Clock) -> tuple[dict, bool]:
    report: dict = {"requests": [], "moves": [], "measured": [], "reply": "", "confident": 0.0}
    terminal = Terminal(stderr=True)
    with terminal.status("listening") as status:
        for event in Assistant().take_turn(session, options.say, options.amount, clock):
            _collect(event, report)
            if isinstance(event, Progress):
                status.update(f"{event.step}: {event.note}" if event.note else event.step)
    report["cpu_seconds"] = clock.report()
    return report, session.current != 0


def _collect(event: Event, report: dict) -> None:
    if isinstance(event, Understood):
        report["requests"] = [request.to_json() for request in event.requests]
    elif isinstance(event, Moved):
        report["moves"] = [move.model_dump(mode="json") for move in event.moves]
    elif isinstance(event, Measured):
        report["measured"] = [entry.model_dump(mode="json") for entry in event.measurements]
        report["confident"] = event.confident
    elif isinstance(event, Asked):
        report["question"] = {"text": event.question, "choices": list(event.choices)}
    elif isinstance(event, Said):
        report["reply"] = event.text


def _check_free(out: Path) -> None:
    taken = [name for name in _OUTPUTS if (out / name).exists()]
    if taken:
        raise AudioFileError(f"{out} already holds {taken[0]}. Choose another folder with --out; nothing was written.")
    if out.exists() and not out.is_dir():
        raise AudioFileError(f"{out} is a file. Choose a folder with --out; nothing was written.")


def _write(out: Path, session: Session, report: dict) -> None:
    song = session.song
    inputs = [track.path for track in song.tracks if track.path is not None]
    try:
        (out / "after").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AudioFileError(
            f"{out} cannot be written ({error.strerror}). Choose another folder with --out."
        ) from error
    for name, settings in (("before.wav", session.versions[0].settings), ("after.wav", session.settings)):
        sound = hear_song(song, settings, ())
        write_audio(out / name, sound.master, song.sample_rate, "float", protect=inputs)
    for track in song.tracks:
        audio = _stem(song, track, session.settings)
        write_audio(out / "after" / f"{_file_name(track.name)}.wav", audio, song.sample_rate, "float", protect=inputs)
    (out / "settings.json").write_text(session.settings.to_json() + "\n", encoding="utf-8")
    text = json.dumps(report, indent=2, ensure_ascii=False)
    (out / "report.json").write_text(text + "\n", encoding="utf-8")


def _stem(song: Song, track: Track, settings: Settings):
    """Return a stem after its fader; a mono source whose sides are equal stays mono, an untouched one is the source."""
    alone = settings.alone(track.name)
    if alone == Settings.neutral([track.name]):
        return track.audio
    audio = render({track.name: torch.from_numpy(track.audio)}, alone, song.sample_rate).tracks[track.name].numpy()
    return audio[:1] if track.audio.shape[0] == 1 and (audio[0] == audio[1]).all() else audio


def _file_name(name: str) -> str:
    return "".join("_" if character in '/\\:*?"<>|' else character for character in name)


def _print(report: dict, as_json: bool, out: Path | None) -> None:
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
        return
    print(report["reply"])
    for choice in report.get("question", {}).get("choices", []):
        print(f"  - {choice}")
    if out is not None:
        print(f"\nWritten to {out}: before.wav, after.wav, after/, settings.json, report.json")
