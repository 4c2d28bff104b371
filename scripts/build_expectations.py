"""Fit the table of what finished music and single instruments usually measure (assistant/diagnose/expectations.json).

`python scripts/build_expectations.py play --packages PACKAGES --songs SONGS` plays multitrack songs from scores.
`python scripts/build_expectations.py fit --packages PACKAGES --songs SONGS --cache CACHE` measures what is not in the
cache yet and fits. PACKAGES holds unpacked packages as `scripts/build_corpus.py` leaves them; only the training split
of scripts/corpus/packages.yaml is read.
"""

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from assistant.diagnose.listening import Hearing, hear, inspect  # noqa: E402
from assistant.diagnose.statistics import Signal  # noqa: E402
from console.settings import Settings  # noqa: E402
from exchange import load_tracks  # noqa: E402
from scripts.corpus.table import load_table  # noqa: E402
from scripts.expectations.contrast import fit_contrast  # noqa: E402
from scripts.expectations.fit import Material, fit  # noqa: E402
from scripts.expectations.measure import finished_pieces, remembered  # noqa: E402
from scripts.expectations.multitracks import play_chart, play_score  # noqa: E402
from scripts.expectations.spoil import moved_mixes, moved_stems, moved_sums  # noqa: E402

_FIRST_VALID, _VALID = 200, 6
_WHOLE_S, _LEAST_S, _EACH = 240.0, 50.0, 12
"""Whole songs, to compare their sections: so much of each at most, none shorter, so many of a package."""
TABLE = ROOT / "assistant" / "diagnose" / "expectations.json"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 done."""
    parser = argparse.ArgumentParser(description="Fit what finished music usually measures.")
    commands = parser.add_subparsers(dest="command", required=True)
    played = commands.add_parser("play")
    played.add_argument("--count", type=int, default=24, help="how many charts MMA arranges for training")
    fitted = commands.add_parser("fit")
    fitted.add_argument("--cache", type=Path, required=True)
    fitted.add_argument("--out", type=Path, default=TABLE)
    for command in (played, fitted):
        command.add_argument("--packages", type=Path, required=True)
        command.add_argument(
            "--songs", type=Path, required=True, help="holds train/, valid/ and test/, a folder a song"
        )
    options = parser.parse_args(arguments)
    return _play(options) if options.command == "play" else _fit(options)


def _play(options: argparse.Namespace) -> int:
    rows = load_table().packages

    def soundfont(name: str) -> Path:
        return options.packages / name / rows[name].soundfont

    for seed in range(options.count):
        folder = options.songs / "train" / f"chart-{seed:03d}"
        if not folder.is_dir():
            play_chart(seed, options.packages / "mma", soundfont("fluid-soundfont-gm"), folder)
    for seed in range(_FIRST_VALID, _FIRST_VALID + _VALID):
        folder = options.songs / "valid" / f"chart-{seed:03d}"
        if not folder.is_dir():
            play_chart(seed, options.packages / "mma", soundfont("musescore-general-soundfont"), folder)
    for score in sorted((options.packages / "openttd-openmsx").rglob("*.mid")):
        folder = options.songs / "test" / score.stem.replace(" ", "_")
        if not folder.is_dir():
            play_score(score.read_bytes(), soundfont("timgm6mb-soundfont"), folder)
    return 0


def _fit(options: argparse.Namespace) -> int:
    pieces = finished_pieces(options.packages, "train")
    mixes = [remembered(options.cache, package, name, recording) for package, name, recording in pieces]
    train = options.songs / "train"
    mixed = moved_mixes(options.packages, options.cache, "train") | moved_sums(train, options.cache)
    parts = moved_stems(train, options.cache)
    songs, others = _songs(train), _songs(options.songs / "valid")
    table = fit(Material([mix for mix in mixes if not mix.silent], songs, others, mixed, parts))
    stems = [signal for song in songs for signal in song.tracks.values() if not signal.silent]
    table["contrast"] = fit_contrast(_whole_songs(options), stems)
    made = f"{len(mixes)} finished tracks and {len(songs)} multitrack songs of the training packages"
    table = {"about": f"Fitted by scripts/build_expectations.py from {made}.", **table}
    options.out.write_text(json.dumps(table, separators=(",", ":")).replace('],"', '],\n"') + "\n", encoding="utf-8")
    print(f"{options.out}: {len(mixes)} mixes, {len(songs)} songs, {options.out.stat().st_size / 1000:.0f} kB")
    return 0


def _whole_songs(options: argparse.Namespace) -> dict[str, list[Signal]]:
    """Return {package: the first of its finished songs that are long enough}."""
    found: dict[str, list[Signal]] = {}
    for package, name, recording in finished_pieces(options.packages, "train"):
        mine = found.setdefault(package, [])
        if recording.seconds >= _LEAST_S and len(mine) < _EACH:
            mine.append(remembered(options.cache, package, name, recording, _WHOLE_S))
    return found


def _songs(folder: Path) -> list[Hearing]:
    return [_heard(song) for song in sorted(folder.iterdir()) if song.is_dir()] if folder.is_dir() else []


def _heard(folder: Path) -> Hearing:
    song = load_tracks(folder)
    return hear(song, Settings.neutral([track.name for track in song.tracks]), inspect(song))


if __name__ == "__main__":
    sys.exit(main())
