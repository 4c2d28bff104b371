"""The sounds an instrument tagger learns from and is judged by: (class, what it is, (2, samples) audio of 5 s)."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from exchange.names import guess_instrument
from models.fx_encoder.front_end import SAMPLE_RATE, WINDOW_SAMPLES
from models.instruments.classes import OTHER, InstrumentClass, class_of_instrument, load_classes, unseen_programs
from models.instruments.notes import draw_notes, draw_starts
from models.training.corpus import Corpus
from scripts.corpus.gus import read_kit, read_patch
from scripts.corpus.play import play_midi
from scripts.corpus.recordings import Recording, read_recording
from scripts.corpus.sampler import draw_envelope, play_notes
from scripts.corpus.table import CorpusError
from scripts.demo_song.midi import PERCUSSION_CHANNEL, TEMPO_BPM, Note, midi_file

__all__ = ["FONTS", "PATCHES", "Sound", "clips", "drum_samples", "effect_files", "noises", "song", "voice_files"]

Sound = tuple[str, str, np.ndarray]
"""(class, what it is, (2, WINDOW_SAMPLES) float32 at SAMPLE_RATE)."""
FONTS = {
    "train": "fluid-soundfont-gm/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "test": "timgm6mb-soundfont/usr/share/sounds/sf2/TimGM6mb.sf2",
}
PATCHES = "freepats/usr/share/midi/freepats"
"""What plays for valid: GUS patches. MuseScore General would flatter, as it was made from FluidR3 in part."""
_LEFT_OUT = ("*Soprano_Sax*", "*English_Horn*", "*Ocarina*")  # samples that TimGM6mb has as well
_STRUCK = frozenset({"bass", "electric_guitar", "acoustic_guitar", "keys", "other"})
_EFFECTS = {
    "train": ("supertux-data", "warmux-data", "naev-data"),
    "valid": ("starfighter-data",),
    "test": ("colobot-common-sounds",),
}
_SHOUTS = {"train": ("warmux-data",), "test": ("hedgewars-data",)}
_VOICES = frozenset({"voices"})
_DRUM_SAMPLES = {"train": "hydrogen-drumkits", "valid": "sonic-pi-samples"}
_WINDOW_S = WINDOW_SAMPLES / SAMPLE_RATE
_PART_S = _WINDOW_S + 1.0
_DRUM_PARTS = ("kick", "kick", "snare", "snare", "cymbals", "cymbals", "percussion", "percussion", "drums", "drums")
_KITS = (0, 8, 16, 24, 25, 32, 40)
_MIXES = 2
# Families of the corpus' stems whose every program is of one class.
_FAMILIES = {
    **{"piano": "keys", "organ": "keys", "bass": "bass", "drums": "drums", "reed": "winds", "pipe": "winds"},
    **{"synth lead": "synth", "electric guitar": "electric_guitar"},
}
# Names of samples that say what they are in words of their own.
_SAMPLE_WORDS = {
    **{"bd": "kick", "sn": "snare", "drum_cymbal": "cymbals", "drum_splash": "cymbals", "drum_tom": "percussion"},
    **{"drum_bass": "kick", "drum_heavy_kick": "kick", "drum_snare": "snare", "drum_cowbell": "percussion"},
    **{"bass": "bass", "guit": "electric_guitar", "elec_snare": "snare", "loop_amen": "drums"},
    **{"loop_breakbeat": "drums", "ambi_choir": "voice", "ambi_piano": "keys", "tabla": "percussion"},
}


def song(generator: np.random.Generator, packages: Path, split: str, unseen: bool = False) -> Iterator[Sound]:
    """Play 15 melodic parts and 10 of drums with a split's soundfont or patches, and sum some up as mixes.

    Args:
        unseen: play only programs that training leaves out, no drums and no mixes.
    """
    sounds = _patch_parts(generator, packages / PATCHES) if split == "valid" else None
    sounds = sounds or _font_parts(generator, packages / FONTS[split], unseen)
    yield from sounds
    for _ in range(0 if unseen else _MIXES):
        yield "mix", "several parts", _mixed(generator, sounds)


def _font_parts(generator: np.random.Generator, font: Path, unseen: bool) -> list[Sound]:
    melodic = [entry for entry in load_classes().values() if entry.programs]
    notes: list[Note] = []
    programs = {PERCUSSION_CHANNEL: int(generator.choice(_KITS))}
    parts: list[tuple[str, str]] = []
    channels = [channel for channel in range(16) if channel != PERCUSSION_CHANNEL]
    for channel in channels:
        entry = unseen_programs() if unseen else melodic[(channel + int(generator.integers(99))) % len(melodic)]
        programs[channel] = int(generator.choice(entry.programs))
        notes += _played(generator, entry, channel, len(parts))
        parts.append((OTHER if unseen else entry.name, f"program {programs[channel]}"))
    for name in () if unseen else _DRUM_PARTS:
        notes += _played(generator, load_classes()[name], PERCUSSION_CHANNEL, len(parts))
        parts.append((name, f"kit {programs[PERCUSSION_CHANNEL]}"))
    end_beat = len(parts) * _PART_S * TEMPO_BPM / 60
    audio = play_midi(midi_file(notes, programs, end_beat), font)
    sounds = []
    for place, (name, what) in enumerate(parts):
        start = round(place * _PART_S * SAMPLE_RATE)
        sounds.append((name, what, _fitted(audio[:, start : start + WINDOW_SAMPLES])))
    return sounds


def _patch_parts(generator: np.random.Generator, folder: Path) -> list[Sound]:
    """Play 15 melodic parts and 10 of drums with GUS patches."""
    melodic = _patches(folder / "Tone_000")
    kit = read_kit(folder / "Drum_000")
    names = sorted(melodic)
    first = int(generator.integers(99))
    chosen = [names[(first + place) % len(names)] for place in range(15)]
    sounds = []
    for name in (*chosen, *_DRUM_PARTS):
        instrument, what = kit, "kit of GUS patches"
        if name not in _DRUM_PARTS:
            path = melodic[name][int(generator.integers(len(melodic[name])))]
            instrument = draw_envelope(generator, read_patch(path).samples, name in _STRUCK)
            what = path.stem
        notes = draw_notes(generator, load_classes()[name], _WINDOW_S - 0.2)
        sounds.append((name, what, play_notes(instrument, notes, WINDOW_SAMPLES)))
    return sounds


@cache
def _patches(folder: Path) -> dict[str, list[Path]]:
    """Return the patches of every class that has programs; their names begin with the program."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.pat")):
        if any(path.match(pattern) for pattern in _LEFT_OUT):
            continue
        for entry in load_classes().values():
            if int(path.name[:3]) in entry.programs:
                found.setdefault(entry.name, []).append(path)
    return found


def drum_samples(generator: np.random.Generator, packages: Path, split: str, count: int) -> Iterator[Sound]:
    """Play recorded single hits in rhythms, whole kits too; in valid also single notes of other instruments."""
    by_class = _samples(packages / _DRUM_SAMPLES[split])
    classes = sorted(by_class)
    for index in range(count):
        name = classes[index % len(classes)]
        files = by_class[name]
        path = files[int(generator.integers(len(files)))]
        audio = np.zeros((2, WINDOW_SAMPLES), np.float32)
        _play_sample(generator, audio, path, 0.05 if name not in ("kick", "snare", "cymbals") else 0.25)
        yield name, path.stem, audio
        if index % 6 == 5 and {"kick", "snare", "cymbals"} <= set(classes):
            whole = np.zeros((2, WINDOW_SAMPLES), np.float32)
            for part in ("kick", "snare", "cymbals"):
                choices = by_class[part]
                _play_sample(generator, whole, choices[int(generator.integers(len(choices)))], 0.2)
            yield "drums", "samples", whole


def clips(generator: np.random.Generator, corpus: Corpus, split: str, kind: str, count: int) -> Iterator[Sound]:
    """Cut 5 s from clips of the corpus: finished music, speech, or stems of families that are one class."""
    chosen = [clip for clip in corpus.select(split, kind) if kind != "stem" or clip.instrument in _FAMILIES]
    for index in generator.permutation(len(chosen))[:count]:
        clip = chosen[int(index)]
        name = {"finished": "mix", "voice": "voice"}.get(kind) or _FAMILIES[clip.instrument]
        audio = corpus.read(clip)
        start = int(generator.integers(audio.shape[1] - WINDOW_SAMPLES + 1))
        yield name, clip.package, audio[:, start : start + WINDOW_SAMPLES]


def effect_files(generator: np.random.Generator, packages: Path, split: str, count: int) -> Iterator[Sound]:
    """Lay one or two sound effects of games into 5 s."""
    for index in range(count):
        package = _EFFECTS[split][index % len(_EFFECTS[split])]
        files = [path for path in _audio_files(packages / package) if _is_effect(path)]
        audio = np.zeros((2, WINDOW_SAMPLES), np.float32)
        path = files[int(generator.integers(len(files)))]
        for _ in range(int(generator.integers(1, 4))):
            _add(audio, _read(path), int(generator.integers(WINDOW_SAMPLES // 2)), 1.0)
            if generator.random() < 0.5:
                path = files[int(generator.integers(len(files)))]
        yield "fx", package, audio


def voice_files(generator: np.random.Generator, packages: Path, split: str, count: int) -> Iterator[Sound]:
    """String shouts and sentences of games together."""
    for index in range(count):
        package = _SHOUTS[split][index % len(_SHOUTS[split])]
        files = [path for path in _audio_files(packages / package) if _VOICES & {part.lower() for part in path.parts}]
        audio, at = np.zeros((2, WINDOW_SAMPLES), np.float32), 0
        while at < 0.8 * WINDOW_SAMPLES:
            voice = _read(files[int(generator.integers(len(files)))])
            _add(audio, voice, at, 1.0)
            at += voice.shape[1] + int(generator.integers(SAMPLE_RATE // 2))
        yield "voice", package, audio


def noises(generator: np.random.Generator, split: str, count: int) -> Iterator[Sound]:
    """Make sounds that are no instrument: white and pink noise and tones; for test, kinds that training has not."""
    kinds = ("white", "pink", "tone") if split != "test" else ("brown", "hum", "crackle")
    time_s = np.arange(WINDOW_SAMPLES) / SAMPLE_RATE
    for index in range(count):
        kind = kinds[index % len(kinds)]
        if kind == "tone":
            audio = np.sin(2 * np.pi * float(generator.uniform(60, 5000)) * time_s)
        elif kind == "hum":
            audio = sum(np.sin(2 * np.pi * 50 * n * time_s + n) * float(generator.random()) / n for n in range(1, 20))
        elif kind == "crackle":
            audio = generator.standard_normal(WINDOW_SAMPLES) * (generator.random(WINDOW_SAMPLES) < 2e-4)
        else:
            exponent = {"white": 0.0, "pink": -0.5, "brown": -1.0}[kind]
            spectrum = np.fft.rfft(generator.standard_normal(WINDOW_SAMPLES))
            audio = np.fft.irfft(spectrum * np.maximum(np.arange(len(spectrum)), 20.0) ** exponent, WINDOW_SAMPLES)
        audio = 0.1 * audio / np.sqrt(np.mean(np.square(audio)))
        yield OTHER, kind, np.repeat(audio[None].astype(np.float32), 2, axis=0)


def _played(generator: np.random.Generator, entry: InstrumentClass, channel: int, place: int) -> list[Note]:
    beats_a_second = TEMPO_BPM / 60
    start_s = place * _PART_S
    return [
        Note((start_s + at) * beats_a_second, length * beats_a_second, pitch, velocity, channel)
        for at, length, pitch, velocity in draw_notes(generator, entry, _WINDOW_S - 0.2)
    ]


def _mixed(generator: np.random.Generator, sounds: list[Sound]) -> np.ndarray:
    """Return drums, bass and two to four more parts at random levels."""
    of = {name: [audio for kind, _, audio in sounds if kind == name] for name in {kind for kind, _, _ in sounds}}
    rest = [name for name in of if name not in {"fx", OTHER, "drums", "bass", *_DRUM_PARTS}]
    chosen = [name for name in ("drums", "bass") if name in of]
    chosen += generator.choice(rest, size=min(len(rest), int(generator.integers(2, 5))), replace=False).tolist()
    mix = np.zeros((2, WINDOW_SAMPLES), np.float32)
    for name in chosen:
        part = of[name][int(generator.integers(len(of[name])))]
        level = float(np.sqrt(np.mean(np.square(part))))
        mix += part * np.float32(10 ** (float(generator.uniform(-10, 0)) / 20) * 0.05 / max(level, 1e-5))
    return mix


def _fitted(audio: np.ndarray) -> np.ndarray:
    return np.pad(audio, ((0, 0), (0, WINDOW_SAMPLES - audio.shape[1])))


def _play_sample(generator: np.random.Generator, audio: np.ndarray, path: Path, density: float) -> None:
    beat_s = 60.0 / float(generator.uniform(65.0, 175.0))
    hit = _read(path)
    for at in draw_starts(generator, beat_s, _WINDOW_S - 0.05, density * float(generator.uniform(0.4, 1.5))):
        _add(audio, hit, round(at * SAMPLE_RATE), float(generator.uniform(0.5, 1.0)))


def _add(audio: np.ndarray, sound: np.ndarray, start: int, gain: float) -> None:
    room = audio[:, start : start + sound.shape[1]]
    room += np.float32(gain) * sound[:, : room.shape[1]]


def _is_effect(path: Path) -> bool:
    folders = {part.lower() for part in path.parts}
    return bool(folders & {"sounds", "sound", "snd"}) and not folders & {"voices", "music"}


@cache
def _samples(root: Path) -> dict[str, list[Path]]:
    """Return single hits by class, as their names say; loops of drums count as drums."""
    found: dict[str, list[Path]] = {}
    for path in _audio_files(root):
        stem = path.stem.lower()
        word = next((name for start, name in _SAMPLE_WORDS.items() if stem.startswith(start)), None)
        guess = guess_instrument(path.name)
        name = word or (class_of_instrument(guess.instrument) if guess.confidence >= 0.7 else None)
        if name not in (None, "voice", "mix", "fx"):
            found.setdefault(str(name), []).append(path)
    return found


@cache
def _audio_files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.suffix.lower() in {".wav", ".ogg", ".flac"})


def _read(path: Path) -> np.ndarray:
    try:
        return read_recording(Recording(path.name, (path,), SAMPLE_RATE, 0.0))
    except CorpusError:
        return np.zeros((2, 1), np.float32)  # a file in a form that is not read: it sounds like nothing
