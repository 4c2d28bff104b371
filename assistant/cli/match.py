"""`studiospeak match`: make a mix, or one track, sound like references.

The folder gets what `edit` writes (`before.wav`, `after.wav`, `after/NAME.wav`, `settings.json`, `report.json`), plus
`compare/` with before, after and every reference at one loudness, and `compare.html` with their curves.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from rich.console import Console as Terminal

from assistant.cli.inputs import load_song
from assistant.cli.outputs import EDIT_OUTPUTS, check_free, file_name, write_before_after
from assistant.match import ASPECTS, Matched, Profile, Reference, blend, match, profile_of, settings_for_match
from assistant.match.plots import draw_comparison
from assistant.match.words import sentence
from assistant.measure import hear_song
from assistant.request import MIX
from console.errors import RequestError
from console.loudness import integrated_lufs
from console.settings import Settings, moves
from exchange import Song, read_audio, write_audio
from models import Encoder, load_encoder

__all__ = ["run"]

_COMPARED_S = 30.0


def run(options: argparse.Namespace) -> int:
    """Match, write the folder, print the reply or the report.

    Returns:
        0 if something moved; 1 if it sounds like that already, then nothing is written.
    Raises:
        AudioFileError: audio that cannot be read or is silent, or a folder that is taken.
        RequestError: no such track, a `--blend` without two references.
    """
    out = Path(options.out)
    check_free(out, (*EDIT_OUTPUTS, "compare", "compare.html"))
    if options.blend is not None and len(options.reference) != 2:
        raise RequestError(f"--blend goes between two references; {len(options.reference)} are named. Name two.")
    began = time.process_time()
    encoder = load_encoder("fx")
    song = load_song(options.audio, out if options.separate else None)
    references = _references(options, encoder)
    before = settings_for_match(song)
    with Terminal(stderr=True).status("listening") as status:

        def tell(step: str, share: float) -> None:
            status.update(f"{step}: {100 * share:.0f} %")

        after, matched = _matched(song, before, references, options, encoder, tell)
    turned = moves(before, after)
    report = {
        "requests": [{"intent": "match", "targets": [options.track or MIX], "references": options.reference,
                      "aspects": list(options.only or ASPECTS), "amount": options.amount, "blend": options.blend}],
        "moves": [move.model_dump(mode="json") for move in turned],
        "measured": [entry.model_dump(mode="json") for entry in matched.measured],
        "reply": sentence(matched, turned, [reference.profile.name for reference in references]),
        "confident": 1.0,
        "cpu_seconds": {"total": round(time.process_time() - began, 3)},
    }  # fmt: skip
    if turned:
        write_before_after(out, song, before, after)
        _write_comparison(out, song, before, after, matched, references, options)
        (out / "report.json").write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        print(report["reply"])
        if turned:
            print(
                f"\nWritten to {out}: before.wav, after.wav, after/, compare/, compare.html, settings.json, report.json"
            )
    return 0 if turned else 1


def _references(options: argparse.Namespace, encoder: Encoder) -> list[Reference]:
    weights = options.weight or [1.0] * len(options.reference)
    if len(weights) != len(options.reference):
        raise RequestError(f"{len(options.reference)} references have {len(weights)} weights. Give one for each.")
    found = []
    for path, weight in zip(options.reference, weights, strict=True):
        clip = read_audio(path)
        profile = profile_of(clip.audio, clip.sample_rate, Path(path).name, encoder)
        found.append(Reference(profile, weight, tuple(options.only) if options.only else ASPECTS))
    return found


def _matched(
    song: Song, before: Settings, references: list[Reference], options: argparse.Namespace, encoder: Encoder, tell
) -> tuple[Settings, Matched]:
    target = options.track or MIX
    if options.blend is None:
        found = match(song, before, references, target, options.amount, options.loudness, encoder, tell)
        return found.settings, found
    ends = (references[0], references[1])
    settings, first, last = blend(song, before, ends, options.blend, encoder, target, options.amount, tell)
    nearer = last if options.blend >= 0.5 else first
    sound = hear_song(song, settings, [target])
    profile = profile_of(sound.audio(target), song.sample_rate, target, encoder)
    return settings, nearer.at(settings, sound, profile)


def _write_comparison(
    out: Path,
    song: Song,
    before: Settings,
    after: Settings,
    matched: Matched,
    references: list[Reference],
    options: argparse.Namespace,
) -> None:
    """Write what is to be compared by ear, all as loud as before, and the curves for the eye."""
    target = matched.target
    folder = out / "compare"
    folder.mkdir()
    rate = song.sample_rate
    one = hear_song(song, before, [target]).audio(target)
    wanted = integrated_lufs(one, rate)
    sounds = {"before": (one, rate), "after": (hear_song(song, after, [target]).audio(target), rate)}
    for path in options.reference:
        clip = read_audio(path)
        sounds[f"reference {Path(path).stem}"] = (clip.audio, clip.sample_rate)
    for name, (audio, sample_rate) in sounds.items():
        start = max(0, (audio.shape[1] - int(_COMPARED_S * sample_rate)) // 2) if name.startswith("reference") else 0
        part = audio[:, start : start + int(_COMPARED_S * sample_rate)] if name.startswith("reference") else audio
        loudness = integrated_lufs(part, sample_rate)
        gain = 10 ** ((wanted - loudness) / 20) if np.isfinite(loudness) else 1.0
        write_audio(folder / f"{file_name(name)}.wav", (part * gain).astype(np.float32), sample_rate, "float")
    profiles: list[Profile] = [reference.profile for reference in references]
    draw_comparison(matched, profiles).write_html(out / "compare.html", include_plotlyjs=True)
