"""The song: chords, parts and lyrics, with a player's small deviations.

Bars count from 0, four beats each. Bars 0-7 are the verse, 8-15 the chorus, bar 16 the last chord.
"""

from dataclasses import dataclass, replace

import numpy as np

from demo_song.midi import PERCUSSION_CHANNEL, Note

BAR = 4.0
CHORUS_BAR = 8
END_BAR = 16
TITLE = "Above the Sound"
CHORDS = ["Em", "C", "G", "D"] * 2 + ["C", "D", "Em", "G"] * 2 + ["G"]

KICK, SNARE, HAT, OPEN_HAT, TOM_LOW, TOM_MID, TOM_HIGH, CRASH, RIDE = 36, 38, 42, 46, 45, 47, 50, 49, 51
BASS_ROOT = {"Em": 40, "C": 36, "G": 43, "D": 38}
KEYS_CHORD = {
    "Em": (40, 52, 55, 59, 62, 64),
    "C": (36, 52, 55, 59, 60, 64),
    "G": (43, 50, 55, 59, 62, 66),
    "D": (38, 50, 54, 57, 62, 64),
}
GUITAR_PICKED = {
    "Em": (52, 59, 64, 67, 71, 67, 64, 59),
    "C": (48, 55, 64, 67, 72, 67, 64, 55),
    "G": (55, 59, 62, 67, 71, 67, 62, 59),
    "D": (50, 57, 62, 66, 69, 66, 62, 57),
}
GUITAR_POWER = {"Em": (40, 47, 52, 55), "C": (48, 55, 60), "G": (43, 50, 55, 59), "D": (50, 57, 62)}
STRINGS_CHORD = {"Em": (55, 64, 67, 71), "C": (55, 64, 67, 72), "G": (55, 62, 67, 74), "D": (54, 62, 69, 74)}


def play(notes, rng, timing_beats, velocity, late_beats=0.0):
    """Move notes off the grid and vary their strength, as a player does.

    Args:
        timing_beats: standard deviation of the start, beats.
        velocity: standard deviation of the MIDI velocity.
        late_beats: how far this player sits behind the beat.
    """
    played = []
    for note in notes:
        start = note.start + late_beats + rng.normal(0, timing_beats)
        strength = int(np.clip(round(note.velocity + rng.normal(0, velocity)), 1, 127))
        played.append(replace(note, start=max(start, 0.0), velocity=strength))
    return played


# Where each drum stands between the overhead microphones, -1 left to 1 right; the others in the middle.
DRUM_PLACES = {HAT: -0.6, OPEN_HAT: -0.6, CRASH: -0.6, TOM_HIGH: -0.6, RIDE: 0.6, TOM_LOW: 0.6}


def drum(start, pitch, velocity):
    return Note(start, 0.2, pitch, velocity, PERCUSSION_CHANNEL)


def kick():
    """Quarter-note verse with a push, busier chorus."""
    notes = []
    for bar in range(END_BAR):
        pattern = (0, 1.75, 2, 2.75) if bar >= CHORUS_BAR else (0, 2.5) if bar % 2 else (0, 2, 2.5)
        notes += [drum(bar * BAR + beat, KICK, 104 if beat % 1 == 0 else 88) for beat in pattern]
    return [*notes, drum(END_BAR * BAR, KICK, 112)]


def snare():
    """Backbeat, ghost notes in the chorus, a fill into it."""
    notes = []
    for bar in range(END_BAR):
        strength = 112 if bar >= CHORUS_BAR else 94
        notes += [drum(bar * BAR + beat, SNARE, strength) for beat in (1, 3)]
        if bar % 2:
            notes += [drum(bar * BAR + beat, SNARE, 34) for beat in (1.75, 2.25)]
    notes += [drum(CHORUS_BAR * BAR + beat, SNARE, 70 + 40 * (1 + beat)) for beat in (-0.5, -0.25)]
    notes += [drum(END_BAR * BAR + beat, SNARE, 96) for beat in (-0.75, -0.5, -0.25)]
    return [replace(note, velocity=int(note.velocity)) for note in notes]


def overheads():
    """Hats in the verse, ride and crashes in the chorus, toms in the fills, and bleed of kick and snare."""
    notes = []
    for bar in range(END_BAR):
        eighths = np.arange(0, BAR, 0.5)
        if bar < CHORUS_BAR:
            notes += [drum(bar * BAR + beat, HAT, 84 if beat % 1 == 0 else 58) for beat in eighths]
            notes[-1] = replace(notes[-1], pitch=OPEN_HAT if bar % 2 else HAT)
        else:
            notes += [drum(bar * BAR + beat, RIDE, 100 if beat % 1 == 0 else 74) for beat in eighths]
    for bar, strength in ((0, 84), (CHORUS_BAR, 118), (CHORUS_BAR + 4, 108), (END_BAR, 118)):
        notes.append(Note(bar * BAR, 6.0, CRASH, strength, PERCUSSION_CHANNEL))
    toms = [TOM_HIGH, TOM_HIGH, TOM_MID, TOM_MID, TOM_LOW, TOM_LOW]
    for bar in (CHORUS_BAR, CHORUS_BAR + 4, END_BAR):
        notes += [drum(bar * BAR - 1.5 + 0.25 * i, pitch, 96) for i, pitch in enumerate(toms)]
    bleed = [replace(note, velocity=max(1, 2 * note.velocity // 5)) for note in [*kick(), *snare()]]
    return notes + bleed


def bass():
    """Held roots in the verse, eighths in the chorus."""
    notes = []
    for bar, chord in enumerate(CHORDS[:END_BAR]):
        root, start = BASS_ROOT[chord], bar * BAR
        turn = 12 if root < 40 else -5
        if bar < CHORUS_BAR:
            figure = [(0, 1.4, 0), (1.5, 0.45, 0), (2, 0.9, 0), (3, 0.45, 7), (3.5, 0.45, turn)]
        else:
            figure = [(beat, 0.44, 0) for beat in np.arange(0, 3.5, 0.5)] + [(3.5, 0.44, max(turn, 0))]
        for beat, length, up in figure:
            notes.append(Note(start + beat, length, root + up, 98 if beat % 1 == 0 else 82))
    return [*notes, Note(END_BAR * BAR, 3.6, BASS_ROOT["G"], 104)]


CLEAN, DRIVEN = 0, 1


def guitar():
    """Clean picking in the verse, driven chords in the chorus."""
    notes = []
    for bar, chord in enumerate(CHORDS):
        start = bar * BAR
        if bar < CHORUS_BAR:
            for i, pitch in enumerate(GUITAR_PICKED[chord]):
                notes.append(Note(start + 0.5 * i, 1.1, pitch, 104 if i % 4 == 0 else 90, CLEAN))
            continue
        strums = [(0, 1.4, 88), (1.5, 0.4, 72), (2, 0.9, 82), (3, 0.9, 76)]
        if bar == END_BAR:
            strums = [(0, 3.8, 92)]
        for beat, length, strength in strums:
            strings = enumerate(GUITAR_POWER[chord])
            notes += [Note(start + beat + 0.012 * i, length, p, strength - 4 * i, DRIVEN) for i, p in strings]
    return notes


ELECTRIC_PIANO, PIANO = 0, 1


def keys():
    """A stage patch, electric piano over a soft grand: thick low chords, restruck in the chorus."""
    notes = []
    for bar, chord in enumerate(CHORDS):
        strikes = ((0, 3.9, 84),)
        if bar < CHORUS_BAR:
            strikes = ((0, 2.4, 76), (2.5, 1.4, 64))
        elif bar < END_BAR:
            strikes = ((0, 1.4, 88), (1.5, 1.4, 74), (3, 0.9, 80))
        for beat, length, strength in strikes:
            hand = enumerate(KEYS_CHORD[chord])
            for i, pitch in hand:
                start = bar * BAR + beat + 0.008 * i
                notes.append(Note(start, length, pitch, strength - 2 * i, ELECTRIC_PIANO))
                notes.append(Note(start, length, pitch, strength - 26 - 2 * i, PIANO))
    return notes


def strings():
    """Sustained chords that lift the chorus."""
    chorus = enumerate(CHORDS[CHORUS_BAR:], CHORUS_BAR)
    return [Note(bar * BAR, 3.95, pitch, 78) for bar, chord in chorus for pitch in STRINGS_CHORD[chord]]


@dataclass(frozen=True)
class Syllable:
    """One sung syllable.

    Attributes:
        start: beat of its vowel.
        length: beats until the end of its last consonant.
        sounds: phonemes of voice.PHONEMES, in order.
        pitches: (beats after start, MIDI pitch); more than one is a slide to the next note.
        strength: 0..1.
    """

    start: float
    length: float
    sounds: tuple[str, ...]
    pitches: tuple[tuple[float, int], ...]
    strength: float


# (bar, strength, words, "beat length pitch[>beat:pitch] phonemes, ...")
LYRICS = (
    (
        0,
        0.50,
        "Sun is low on a silent street",
        "1 .5 55 s AH n, 1.5 .5 55 IH z, 2 1 59 l OW, 3 .5 57 AA n, 3.5 .5 55 AX, 4 1 55 s AY, "
        "5 .5 52 l EH n t, "
        "5.5 1.8 55>1:52 s t r IY t",
    ),
    (
        2,
        0.55,
        "Still I hear what the speakers say",
        "1 .5 55 s t IH l, 1.5 .5 57 AY, 2 1 59 h IY r, 3 .5 59 w AH t, 3.5 .5 57 dh AX, 4 1 57 s p IY, "
        "5 .5 54 k ER z, "
        "5.5 1.8 57 s EY",
    ),
    (
        4,
        0.60,
        "Every sound that we used to keep",
        "1 .5 55 EH v, 1.5 .5 57 r IY, 2 1 59 s AW n d, 3 .5 59 dh AE t, 3.5 .5 57 w IY, "
        "4 1 60 y UW z d, 5 .5 59 t UW, "
        "5.5 1.8 55 k IY p",
    ),
    (
        6,
        0.65,
        "Slips like sand and it slides away",
        "1 .5 59 s l IH p s, 1.5 .5 59 l AY k, 2 1 62 s AE n d, 3 .5 59 AE n d, 3.5 .5 57 IH t, "
        "4 1 57 s l AY d z, "
        "5 .5 54 AX, 5.5 1.9 57>1:59 w EY",
    ),
    (
        8,
        0.92,
        "So turn it up, sing it loud",
        "0 1 64 s OW, 1 .9 67 t ER n, 2 .5 64 IH t, 2.5 1.3 64 AH p, 4 1 66 s IH ng, 5 .5 64 IH t, 5.5 1.8 62 l AW d",
    ),
    (
        10,
        0.88,
        "Let me rise above the sound",
        "0 .5 59 l EH t, .5 .5 62 m IY, 1 1.5 64 r AY z, 2.5 .5 62 AX, 3 1 64 b AH v, 4 .5 62 dh AX, "
        "4.5 2.7 62>.9:59 s AW n d",
    ),
    (
        12,
        0.95,
        "So turn it up, don't let go",
        "0 1 64 s OW, 1 .9 67 t ER n, 2 .5 64 IH t, 2.5 1.3 64 AH p, 4 1 66 d OW n t, 5 .5 67 l EH t, "
        "5.5 1.8 66>1.1:64 g OW",
    ),
    (
        14,
        0.92,
        "Say the words that we all know",
        "0 1 64 s EY, 1 .5 62 dh AX, 1.5 1 64 w ER d z, 2.5 .5 62 dh AE t, 3 .5 59 w IY, "
        "3.5 1.3 62 AO l, "
        "5 5 62>1.5:59>3:55 n OW",
    ),
)

THIRD_BELOW = {52: 47, 54: 50, 55: 52, 57: 54, 59: 55, 60: 57, 62: 59, 64: 60, 66: 62, 67: 64}


def melody(rng, from_bar=0, harmony=None, timing_beats=0.014):
    """Read LYRICS as syllables with a singer's timing.

    Args:
        from_bar: leave out earlier lines.
        harmony: {melody pitch: harmony pitch}; None sings the melody.
        timing_beats: standard deviation of each start, beats.
    Returns:
        list of lines, each a list of Syllable in order.
    """
    lines = []
    for bar, strength, _, text in LYRICS:
        if bar < from_bar:
            continue
        line = []
        for item in text.split(","):
            beat, length, tune, *sounds = item.split()
            pitches = []
            for step in tune.split(">"):
                after, _, pitch = step.rpartition(":")
                pitches.append((float(after or 0), harmony[int(pitch)] if harmony else int(pitch)))
            accent = 0.06 * (float(beat) % 1 == 0) + rng.normal(0, 0.025)
            start = bar * BAR + float(beat) + rng.normal(0.01, timing_beats)
            syllable = Syllable(start, float(length), tuple(sounds), tuple(pitches), strength + accent)
            line.append(syllable)
        lines.append(line)
    return lines
