"""Sing syllables: a glottal pulse through formant filters, with turbulence for the consonants.

A source-filter synthesiser after D. H. Klatt, "Software for a cascade/parallel formant synthesizer"
(JASA 67, 1980) and Klatt & Klatt (JASA 87, 1990, the KLGLOTT88 pulse), driven by sung notes: portamento,
vibrato that enters late, scoops into a line, loudness that also brightens, breaths between lines.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

from demo_song.midi import SAMPLE_RATE, TEMPO_BPM
from demo_song.phonemes import INHALE, PHONEMES

SOURCE_RATE = 2 * SAMPLE_RATE
# Steps of 0.06 ms: slower ones leave a whistle at the control rate where the filters move fast.
HOP = 5
CONTROL_RATE = SOURCE_RATE / HOP
# A tube's resonances go on every 0.9 kHz or so: without them the voice dies above 5 kHz.
UPPER_FORMANTS = np.arange(3900.0, 20000.0, 880.0)
UPPER_BANDWIDTHS = 0.055 * UPPER_FORMANTS
BANDWIDTHS = np.array([85.0, 95, 115, 150])
LOUD_VOWEL_RMS = 0.1


@dataclass(frozen=True)
class Singer:
    """One person: tract length, vibrato, breathiness and the seed of all that varies."""

    seed: int
    formant_scale: float = 1.0
    vibrato_hz: float = 5.4
    vibrato_cents: float = 38.0
    breathiness: float = 0.08


@dataclass(frozen=True)
class Segment:
    """A stretch of one phoneme, in seconds."""

    start: float
    end: float
    sound: str
    strength: float


def segments_of(line):
    """Place the phonemes of one line so that every vowel starts on its note.

    Leading consonants come before the beat, the last ones end where the note does or where the next
    syllable's begin.
    """
    beat_s = 60 / TEMPO_BPM
    split = []
    for syllable in line:
        vowel = next(i for i, sound in enumerate(syllable.sounds) if not PHONEMES[sound].seconds)
        split.append((syllable.sounds[:vowel], syllable.sounds[vowel], syllable.sounds[vowel + 1 :]))
    lengths = [[sum(PHONEMES[s].seconds for s in part) for part in (head, tail)] for head, _, tail in split]
    segments = []
    for i, (syllable, (head, vowel, tail)) in enumerate(zip(line, split, strict=True)):
        start, now = syllable.start * beat_s, syllable.start * beat_s - lengths[i][0]
        end = start + syllable.length * beat_s
        if i + 1 < len(line):
            end = min(end, line[i + 1].start * beat_s - lengths[i + 1][0])
        # Crowded syllables shorten their last consonants, so that the vowel keeps half of the room.
        squeeze = min(1.0, 0.5 * (end - start) / max(lengths[i][1], 1e-9))
        spans = [(sound, PHONEMES[sound].seconds) for sound in head]
        spans += [(vowel, end - start - squeeze * lengths[i][1])]
        spans += [(sound, squeeze * PHONEMES[sound].seconds) for sound in tail]
        for sound, seconds in spans:
            segments.append(Segment(now, now + seconds, sound, syllable.strength))
            now += seconds
    return segments


def smooth(track, seconds):
    """Slide between the steps of a control track, (steps,) or (steps, values), over about `seconds`."""
    kernel = np.hanning(max(3, round(seconds * CONTROL_RATE)) + 2)
    kernel /= kernel.sum()
    pad = len(kernel) // 2
    columns = np.atleast_2d(track.T)
    padded = np.pad(columns, ((0, 0), (pad, len(kernel) - 1 - pad)), mode="edge")
    smoothed = fftconvolve(padded, kernel[None], mode="valid", axes=1)
    return smoothed[0] if track.ndim == 1 else smoothed.T


def wander(steps, period_s, rng):
    """Slow random walk-like drift with unit deviation, (steps,)."""
    track = smooth(rng.normal(size=steps), period_s)
    return track / track.std()


def pitch_track(lines, steps, singer, rng):
    """Return the sung pitch in Hz at every control step, (steps,)."""
    beat_s, time = 60 / TEMPO_BPM, np.arange(steps) / CONTROL_RATE
    pitch = np.full(steps, float(lines[0][0].pitches[0][1]))
    vibrato, scoop = np.zeros(steps), np.zeros(steps)
    for line in lines:
        for syllable in line:
            begin = syllable.start * beat_s
            for after, key in syllable.pitches:
                pitch[time >= begin + after * beat_s - 0.035] = key
            end = begin + syllable.length * beat_s
            if end - begin > 0.5:
                entering = np.clip((time - begin - 0.28) / 0.45, 0, 1) * (time < end)
                vibrato = np.maximum(vibrato, entering)
        first = line[0].start * beat_s
        scoop -= 0.9 * np.exp(-((np.maximum(time - first + 0.02, 0) / 0.07) ** 2)) * (time > first - 0.3)
        scoop[time > first + 0.5] = 0
    rate = singer.vibrato_hz * (1 + 0.04 * wander(steps, 0.6, rng))
    depth = singer.vibrato_cents / 100 * (1 + 0.15 * wander(steps, 0.8, rng))
    shake = smooth(vibrato, 0.1) * depth * np.sin(2 * np.pi * np.cumsum(rate) / CONTROL_RATE)
    drift = 0.07 * wander(steps, 0.5, rng) + 0.03 * wander(steps, 0.06, rng)
    return 440 * 2 ** ((smooth(pitch, 0.09) + scoop + shake + drift - 69) / 12)


def step_at(seconds, steps):
    """Control step at a time, kept inside the song."""
    return min(max(round(seconds * CONTROL_RATE), 0), steps)


def control_tracks(lines, steps, singer, rng):
    """Turn lines into what the synthesiser is told at every control step.

    Returns:
        dict of (steps,) arrays voice, breath, tilt_hz, nasal_zero_hz and (steps, 4) formants, bandwidths.
    """
    voice, breath, strength = np.zeros(steps), np.zeros(steps), np.full(steps, 0.5)
    nasal_zero = np.full(steps, 280.0)
    formants = np.tile(np.array(PHONEMES["AX"].formants), (steps, 1))
    widening = np.ones(steps)
    for line in lines:
        segments = segments_of(line)
        for i, segment in enumerate(segments):
            phoneme = PHONEMES[segment.sound]
            span = slice(step_at(segment.start, steps), step_at(segment.end, steps))
            seconds, last = segment.end - segment.start, i + 1 == len(segments)
            strength[span.start :] = segment.strength
            # What follows holds until the next sound moves it, so that a line ends in its last posture.
            formants[span.start :] = phoneme.formants or PHONEMES[segments[i + 1].sound].formants
            widening[span.start :] = phoneme.bandwidth_scale
            voice[span] = phoneme.voice
            breath[span] = singer.breathiness * phoneme.voice
            if phoneme.glide:
                formants[step_at(segment.end - min(0.45 * seconds, 0.2), steps) :] = phoneme.glide
            if phoneme.kind == "nasal":
                nasal_zero[span] = 950.0
            elif phoneme.kind == "breath":
                breath[span] = 0.22
            elif phoneme.kind == "stop" and not phoneme.voice and not last:
                breath[step_at(segment.end - 0.03, steps) : span.stop] = 0.2
            if not phoneme.seconds and seconds > 0.4:
                arc = np.sin(np.pi * np.linspace(0.12, 0.94, span.stop - span.start))
                voice[span] *= 0.62 + 0.38 * arc
                breath[span] *= 1 + 1.5 * np.linspace(0, 1, span.stop - span.start) ** 3
                if last:
                    voice[span] *= np.clip(np.arange(span.stop - span.start, 0, -1) / (0.16 * CONTROL_RATE), 0, 1)
    strength = smooth(strength, 0.06)
    loudness = 10 ** ((9 * strength - 8.1) / 20) * (1 + 0.05 * wander(steps, 0.15, rng))
    return {
        "voice": smooth(voice, 0.028) * loudness,
        "breath": smooth(breath, 0.02) * np.sqrt(loudness),
        "tilt_hz": 1300 + 4200 * np.clip(strength, 0, 1.1) ** 1.5,
        "nasal_zero_hz": smooth(nasal_zero, 0.03),
        "formants": smooth(formants, 0.055) * singer.formant_scale,
        "bandwidths": BANDWIDTHS * smooth(widening, 0.04)[:, None],
    }


@njit
def resonator(freq_hz, bandwidth_hz, rate):
    """Coefficients of y[n] = a x[n] + b y[n-1] + c y[n-2], unit gain at 0 Hz (Klatt 1980, eq. 1-3)."""
    c = -np.exp(-2 * np.pi * bandwidth_hz / rate)
    b = 2 * np.exp(-np.pi * bandwidth_hz / rate) * np.cos(2 * np.pi * freq_hz / rate)
    return 1 - b - c, b, c


@njit
def tract(
    f0,
    voice,
    breath,
    tilt_hz,
    nasal_zero_hz,
    formants,
    bandwidths,
    upper_hz,
    upper_bandwidths,
    cycle_noise,
    air,
    rate,
    hop,
):
    """Run source and cascade sample by sample; formants and bandwidths are (steps, 4), upper ones (n,)."""
    steps, moving = formants.shape
    count = moving + len(upper_hz)
    out = np.zeros(steps * hop)
    a, b, c = np.zeros(count), np.zeros(count), np.zeros(count)
    y1, y2 = np.zeros(count), np.zeros(count)
    for k in range(moving, count):
        a[k], b[k], c[k] = resonator(upper_hz[k - moving], upper_bandwidths[k - moving], rate)
    pole_a, pole_b, pole_c = resonator(280.0, 120.0, rate)
    n1 = n2 = z1 = z2 = tilted = phase = 0.0
    cycle, open_quotient = 0, 0.62
    for step in range(steps):
        for k in range(moving):
            a[k], b[k], c[k] = resonator(formants[step, k], bandwidths[step, k], rate)
        zero_a, zero_b, zero_c = resonator(nasal_zero_hz[step], 120.0, rate)
        tilt = np.exp(-2 * np.pi * tilt_hz[step] / rate)
        for i in range(hop):
            n = step * hop + i
            mix = i / hop
            following = min(step + 1, steps - 1)
            now_f0 = f0[step] + mix * (f0[following] - f0[step])
            now_voice = voice[step] + mix * (voice[following] - voice[step])
            increment = now_f0 * (1 + 0.005 * cycle_noise[0, cycle]) / rate
            phase += increment
            if phase >= 1:
                phase -= 1
                cycle = (cycle + 1) % cycle_noise.shape[1]
            t = phase / open_quotient
            pulse = 2 * t - 3 * t * t if t < 1 else 0.0
            # Band-limit the jump of the closing glottis (polyBLEP), else it aliases into a buzz.
            since = (phase - open_quotient) / increment
            if 0 <= since < 1:
                pulse += -0.5 * (1 - since) ** 2
            elif -1 < since < 0:
                pulse += 0.5 * (1 + since) ** 2
            tilted += (1 - tilt) * (pulse - tilted)
            puff = air[n] * breath[step] * (1.0 if phase < open_quotient else 0.35)
            x = now_voice * (1 + 0.03 * cycle_noise[1, cycle]) * tilted + 0.5 * puff
            x, n2, n1 = pole_a * x + pole_b * n1 + pole_c * n2, n1, pole_a * x + pole_b * n1 + pole_c * n2
            x, z2, z1 = (x - zero_b * z1 - zero_c * z2) / zero_a, z1, x
            for k in range(count):
                x = a[k] * x + b[k] * y1[k] + c[k] * y2[k]
                y2[k], y1[k] = y1[k], x
            out[n] = x
    return out


def turbulence(noise, samples, rng):
    """Return shaped noise of unit RMS, (samples,)."""
    white = rng.normal(size=samples + 512)
    shaped = np.zeros_like(white)
    for centre_hz, bandwidth_hz, level_db in noise.peaks:
        _, b, c = resonator(centre_hz, bandwidth_hz, SAMPLE_RATE)
        # Zeros at 0 Hz and Nyquist make the resonator a band-pass.
        band = sosfilt([[1.0, 0.0, -1.0, 1.0, -b, -c]], white)
        shaped += 10 ** (level_db / 20) * band / band.std()
    shaped = sosfilt(butter(4, noise.above_hz, "highpass", fs=SAMPLE_RATE, output="sos"), shaped)[512:]
    return shaped / shaped.std()


def consonants(lines, samples, rng):
    """Return hiss, bursts and breaths, (samples,), for a loud vowel of LOUD_VOWEL_RMS."""
    out = np.zeros(samples)

    def add(noise, start_s, seconds, rise, strength):
        count, first = round(seconds * SAMPLE_RATE), round(start_s * SAMPLE_RATE)
        ramp = np.linspace(0, 1, count, endpoint=False)
        shape = np.clip(np.minimum(ramp / rise, (1 - ramp) / (1 - rise)), 0, 1) ** 0.8
        level = LOUD_VOWEL_RMS * 10 ** ((noise.level_db + 14 * (strength - 0.9) + rng.normal(0, 1)) / 20)
        if 0 <= first <= samples - count:
            out[first : first + count] += level * shape * turbulence(noise, count, rng)

    silent_from_s = 0.0
    for line in lines:
        segments = segments_of(line)
        inhale_s = min(0.3, segments[0].start - 0.06 - silent_from_s)
        if inhale_s > 0.1:
            add(INHALE, segments[0].start - 0.06 - inhale_s, inhale_s, 0.7, segments[0].strength)
        silent_from_s = segments[-1].end
        for segment in segments:
            phoneme, seconds = PHONEMES[segment.sound], segment.end - segment.start
            if phoneme.kind == "stop":
                add(phoneme.noise, segment.end - min(0.034, seconds / 2), 0.028, 0.08, segment.strength)
            elif phoneme.noise:
                add(phoneme.noise, segment.start - 0.012, seconds + 0.024, 0.45, segment.strength)
    return out


def sing(lines, samples, singer):
    """Sing lines of syllables.

    Args:
        lines: list of lines, each a list of score.Syllable, in order.
        samples: length of the result.
        singer: who sings.
    Returns:
        (samples,) float64 at SAMPLE_RATE, dry; a loud vowel has an RMS of about LOUD_VOWEL_RMS.
    """
    rng = np.random.default_rng(singer.seed)
    steps = -(-2 * samples // HOP)
    tracks = control_tracks(lines, steps, singer, rng)
    f0 = pitch_track(lines, steps, singer, rng)
    # A tenor opens F1 to keep it above the note he sings.
    tracks["formants"][:, 0] = np.maximum(tracks["formants"][:, 0], 1.08 * f0)
    names = ("voice", "breath", "tilt_hz", "nasal_zero_hz", "formants", "bandwidths")
    upper = (UPPER_FORMANTS * singer.formant_scale, UPPER_BANDWIDTHS)
    cycle_noise = rng.normal(size=(2, 4096))
    air = rng.normal(size=steps * HOP)
    voiced = tract(f0, *(tracks[n] for n in names), *upper, cycle_noise, air, float(SOURCE_RATE), HOP)
    voiced = resample_poly(voiced, 1, 2)[:samples]
    loud = np.percentile(np.sqrt(np.convolve(voiced**2, np.full(2048, 1 / 2048), mode="same"))[::512], 95)
    return voiced * LOUD_VOWEL_RMS / loud + consonants(lines, samples, rng)
