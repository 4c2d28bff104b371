"""Compose, play, sing and record the stems of the demo song.

`python scripts/build_demo_song.py --out exchange/demo` needs Debian's `fluidsynth` and
`fluid-soundfont-gm`. The same inputs give the same files, byte for byte.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import soundfile as sf
from demo_song import faults, midi, ogg, score, voice

SONG_SECONDS = 44.0
VORBIS_COMPRESSION = 0.35
MIX_LUFS = -18.0
MIX_PEAK_DBFS = -1.5
SOUNDFONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")

# Stem: (channels, loudness LUFS before the lead and the whole mix are placed). Order is the file order.
STEMS = {
    "Kick": (1, -25.0),
    "Snare": (1, -26.0),
    "Drum Overheads": (2, -30.0),
    "Bass DI": (1, -24.0),
    "Electric Gtr": (1, -25.0),
    "Keys": (2, -23.5),
    "Lead Vox": (1, -30.0),
    "Backing Vox": (1, -34.0),
    "Strings": (2, -31.0),
}
# Stem: (notes, General MIDI programs, timing deviation in beats, velocity deviation, beats behind).
PARTS = {
    "Kick": (score.kick, {midi.PERCUSSION_CHANNEL: 16}, 0.006, 4, 0.0),
    "Snare": (score.snare, {midi.PERCUSSION_CHANNEL: 0}, 0.008, 6, 0.012),
    "Drum Overheads": (score.overheads, {midi.PERCUSSION_CHANNEL: 0}, 0.008, 7, 0.004),
    "Bass DI": (score.bass, {0: 34}, 0.010, 9, 0.010),
    "Electric Gtr": (score.guitar, {score.CLEAN: 27, score.DRIVEN: 29}, 0.010, 7, 0.004),
    "Keys": (score.keys, {score.ELECTRIC_PIANO: 5, score.PIANO: 0}, 0.010, 6, 0.008),
    "Strings": (score.strings, {0: 48}, 0.015, 4, 0.0),
}
FAR_DELAY_S, FAR_DB = 0.0015, -9.0
BACKING_SINGERS = (voice.Singer(31, 1.05, 5.1, 28, 0.13), voice.Singer(32, 1.10, 5.8, 30, 0.13))


def overhead_pair(notes, programs, soundfont, samples):
    """Record drums with two spaced microphones: the far one hears them later and softer, (2, samples)."""
    pair = np.zeros((2, samples))
    for place in sorted({score.DRUM_PLACES.get(note.pitch, 0.0) for note in notes}):
        group = [note for note in notes if score.DRUM_PLACES.get(note.pitch, 0.0) == place]
        near, far = midi.render(group, programs, soundfont, samples)[:: 1 if place <= 0 else -1]
        delay = round(abs(place) * FAR_DELAY_S * midi.SAMPLE_RATE)
        far = np.concatenate([np.zeros(delay), far[: samples - delay]]) * 10 ** (FAR_DB * abs(place) / 20)
        pair += np.stack([near, far][:: 1 if place <= 0 else -1])
    return pair


def perform(soundfont, samples):
    """Play and sing every stem.

    Returns:
        ({stem: (channels, samples)} without faults or level, the bass notes as played).
    """
    stems, bass_notes = {}, []
    for seed, (name, (part, programs, timing, velocity, late)) in enumerate(PARTS.items(), 100):
        notes = score.play(part(), np.random.default_rng(seed), timing, velocity, late)
        bass_notes = notes if name == "Bass DI" else bass_notes
        record = overhead_pair if name == "Drum Overheads" else midi.render
        audio = record(notes, programs, soundfont, samples)
        stems[name] = audio if STEMS[name][0] == 2 else audio.mean(axis=0, keepdims=True)
    rng = np.random.default_rng(200)
    stems["Lead Vox"] = voice.sing(score.melody(rng), samples, voice.Singer(30))[None]
    backing = np.zeros(samples)
    for singer in BACKING_SINGERS:
        lines = score.melody(rng, score.CHORUS_BAR, score.THIRD_BELOW, timing_beats=0.022)
        backing += voice.sing(lines, samples, singer)
    stems["Backing Vox"] = backing[None]
    return stems, bass_notes


def spoil(stems):
    """Colour the stems with the faults of faults.COLOURS; the input is left alone."""
    spoiled = dict(stems)
    for name, kind, freq_hz, gain_db, q in faults.COLOURS:
        spoiled[name] = faults.colour(spoiled[name], kind, freq_hz, gain_db, q)
    return spoiled


def total(stems, leave_out=()):
    """Sum stems in stereo; mono stems sit in the middle at unity."""
    return sum(np.broadcast_to(a, (2, a.shape[1])) for name, a in stems.items() if name not in leave_out)


def balance(stems):
    """Set the levels: each stem to STEMS, the lead below the rest, the sum to MIX_LUFS without clipping."""
    fade = np.ones(next(iter(stems.values())).shape[1])
    fade[-4410:] = np.linspace(1, 0, 4410)
    level = {name: STEMS[name][1] - faults.loudness_lufs(audio) for name, audio in stems.items()}
    stems = {name: audio * fade * 10 ** (level[name] / 20) for name, audio in stems.items()}
    rest = faults.loudness_lufs(total(stems, leave_out=("Lead Vox",)))
    lead = faults.loudness_lufs(total({"Lead Vox": stems["Lead Vox"]}))
    stems["Lead Vox"] = stems["Lead Vox"] * 10 ** ((rest - faults.LEAD_BELOW_REST_LU - lead) / 20)
    mix = total(stems)
    gain_db = min(MIX_LUFS - faults.loudness_lufs(mix), MIX_PEAK_DBFS - faults.peak_dbfs(mix))
    return {name: stems[name] * 10 ** (gain_db / 20) for name in STEMS}


def measure(stems, clean, bass_notes):
    """Measure what is wrong with the song; `clean` are the stems before spoil."""
    lead, rest = total({"Lead Vox": stems["Lead Vox"]}), total(stems, leave_out=("Lead Vox",))
    notes = faults.note_levels_db(stems["Bass DI"], bass_notes, 60 / midi.TEMPO_BPM)
    snare = stems["Snare"]
    measured = {
        "mix_lufs": faults.loudness_lufs(total(stems)),
        "mix_peak_dbfs": faults.peak_dbfs(total(stems)),
        "lead_below_rest_lu": faults.loudness_lufs(rest) - faults.loudness_lufs(lead),
        "lead_below_rest_1_4khz_db": faults.band_level_db(rest, 1000, 4000) - faults.band_level_db(lead, 1000, 4000),
        "bass_loudest_to_quietest_note_db": max(notes.values()) - min(notes.values()),
        "snare_crest_db": faults.peak_dbfs(snare) - 10 * np.log10(np.mean(snare**2)),
    }
    for what, name, band_hz, rest_hz in faults.BUILD_UPS:
        measured[what] = faults.band_excess_db(stems[name], band_hz, rest_hz)
        measured[f"{what}_unspoiled"] = faults.band_excess_db(clean[name], band_hz, rest_hz)
    return {name: round(float(value), 1) for name, value in measured.items()}


def describe(files):
    """Return what song.json says: tempo, sections, words and files."""
    bar_s = score.BAR * 60 / midi.TEMPO_BPM
    sections = (("verse", 0, score.CHORUS_BAR), ("chorus", score.CHORUS_BAR, score.END_BAR))
    return {
        "title": score.TITLE,
        "tempo_bpm": midi.TEMPO_BPM,
        "key": "E minor",
        "seconds": SONG_SECONDS,
        "sections": [{"name": n, "start_s": a * bar_s, "end_s": b * bar_s} for n, a, b in sections]
        + [{"name": "ending", "start_s": score.END_BAR * bar_s, "end_s": SONG_SECONDS}],
        "lyrics": [{"start_s": bar * bar_s, "words": words} for bar, _, words, _ in score.LYRICS],
        "stems": files,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for the stems; it is made if missing")
    parser.add_argument("--soundfont", type=Path, default=SOUNDFONT, help=f"FluidR3 GM, default {SOUNDFONT}")
    arguments = parser.parse_args()
    if not arguments.soundfont.is_file():
        parser.error(f"no SoundFont at {arguments.soundfont}: apt-get install fluid-soundfont-gm, or give --soundfont")
    clean, bass_notes = perform(arguments.soundfont, round(SONG_SECONDS * midi.SAMPLE_RATE))
    stems = balance(spoil(clean))
    arguments.out.mkdir(parents=True, exist_ok=True)
    files, total_bytes = [], 0
    print(f"{'stem':<22}{'LUFS':>8}{'peak dBFS':>11}{'kB':>7}")
    for number, (name, audio) in enumerate(stems.items(), 1):
        path = arguments.out / f"{number:02d} {name}.ogg"
        ogg.write(path, audio, midi.SAMPLE_RATE, VORBIS_COMPRESSION, serial=number)
        decoded = sf.read(path, always_2d=True)[0].T
        lufs, peak = faults.loudness_lufs(decoded), faults.peak_dbfs(decoded)
        print(f"{path.name:<22}{lufs:8.1f}{peak:11.1f}{path.stat().st_size / 1e3:7.0f}")
        files.append({"file": path.name, "channels": len(audio)})
        total_bytes += path.stat().st_size
        stems[name] = decoded
    print(f"total {total_bytes / 1e6:.2f} MB")
    (arguments.out / "song.json").write_text(json.dumps(describe(files), indent=2) + "\n")
    for name, value in measure(stems, clean, bass_notes).items():
        print(f"{name:<44}{value:7.1f}")


if __name__ == "__main__":
    main()
