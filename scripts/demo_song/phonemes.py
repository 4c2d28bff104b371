"""How each speech sound is made: formants, voicing and noise, for a tenor.

Vowel formants follow Peterson and Barney (1952) with the singer's cluster near 3 kHz (Sundberg 1974);
consonant targets follow Klatt (1980), tables II and III, rounded.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Noise:
    """Turbulence: (centre Hz, bandwidth Hz, dB) peaks, its RMS against a loud vowel, and where it starts."""

    peaks: tuple[tuple[float, float, float], ...]
    level_db: float
    above_hz: float = 200.0


@dataclass(frozen=True)
class Phoneme:
    """One sound.

    Attributes:
        formants: Hz, F1 to F4; empty for a sound that takes those of its neighbour.
        voice: loudness of the voiced source, 0..1.
        seconds: length of a consonant; 0 for a vowel, which fills the note.
        glide: formants at the end of a diphthong.
        noise: its turbulence, or None.
        kind: "open", "nasal", "stop" or "breath".
        bandwidth_scale: widens the formants; above 1 the sound is duller.
    """

    formants: tuple[float, ...]
    voice: float = 1.0
    seconds: float = 0.0
    glide: tuple[float, ...] = ()
    noise: Noise | None = None
    kind: str = "open"
    bandwidth_scale: float = 1.0


HISS = ((5600.0, 1300.0, 0.0), (7600.0, 1800.0, 1.0), (9600.0, 2500.0, -4.0))
AIRY = ((1500.0, 1500.0, -6.0), (4500.0, 3000.0, -2.0), (8000.0, 4000.0, 0.0))
CORONAL = ((3800.0, 1600.0, 0.0), (6200.0, 2500.0, 0.0))
VELAR = ((1900.0, 700.0, 0.0), (4200.0, 2000.0, -8.0))
LABIAL = ((700.0, 700.0, 0.0), (2500.0, 2500.0, -10.0))
TONGUE_TIP = (290.0, 1700.0, 2600.0, 3300.0)

PHONEMES = {
    "IY": Phoneme((300.0, 2200.0, 2850.0, 3350.0)),
    "IH": Phoneme((410.0, 1950.0, 2600.0, 3250.0)),
    "EH": Phoneme((560.0, 1780.0, 2520.0, 3200.0)),
    "AE": Phoneme((690.0, 1680.0, 2450.0, 3150.0)),
    "AH": Phoneme((650.0, 1190.0, 2480.0, 3050.0)),
    "AA": Phoneme((740.0, 1120.0, 2480.0, 3050.0)),
    "AO": Phoneme((580.0, 880.0, 2450.0, 3000.0)),
    "UW": Phoneme((340.0, 950.0, 2250.0, 2950.0)),
    "ER": Phoneme((490.0, 1300.0, 1700.0, 3000.0)),
    "AX": Phoneme((520.0, 1400.0, 2450.0, 3050.0)),
    "EY": Phoneme((500.0, 1850.0, 2550.0, 3250.0), glide=(330.0, 2150.0, 2750.0, 3300.0)),
    "AY": Phoneme((730.0, 1180.0, 2480.0, 3050.0), glide=(400.0, 1950.0, 2600.0, 3250.0)),
    "OW": Phoneme((540.0, 930.0, 2420.0, 3000.0), glide=(400.0, 860.0, 2300.0, 3000.0)),
    "AW": Phoneme((730.0, 1200.0, 2480.0, 3050.0), glide=(450.0, 900.0, 2350.0, 3000.0)),
    "w": Phoneme((310.0, 680.0, 2200.0, 3000.0), 0.6, 0.070, bandwidth_scale=1.3),
    "y": Phoneme((280.0, 2200.0, 2950.0, 3400.0), 0.6, 0.070, bandwidth_scale=1.3),
    "r": Phoneme((350.0, 1080.0, 1500.0, 3000.0), 0.6, 0.070, bandwidth_scale=1.3),
    "l": Phoneme((350.0, 1050.0, 2750.0, 3200.0), 0.6, 0.070, bandwidth_scale=1.4),
    "n": Phoneme((270.0, 1500.0, 2500.0, 3200.0), 0.55, 0.070, kind="nasal", bandwidth_scale=2.0),
    "m": Phoneme((270.0, 1050.0, 2200.0, 3100.0), 0.55, 0.075, kind="nasal", bandwidth_scale=2.0),
    "ng": Phoneme((270.0, 1900.0, 2600.0, 3200.0), 0.55, 0.090, kind="nasal", bandwidth_scale=2.0),
    "s": Phoneme((320.0, 1550.0, 2550.0, 3300.0), 0.0, 0.125, noise=Noise(HISS, -12.0, 3800.0)),
    "z": Phoneme((300.0, 1550.0, 2550.0, 3300.0), 0.3, 0.085, noise=Noise(HISS, -18.0, 3800.0)),
    "v": Phoneme((300.0, 1100.0, 2300.0, 3100.0), 0.4, 0.060, noise=Noise(AIRY, -28.0)),
    "dh": Phoneme((300.0, 1350.0, 2500.0, 3200.0), 0.4, 0.050, noise=Noise(AIRY, -28.0)),
    "h": Phoneme((), 0.0, 0.070, kind="breath"),
    "p": Phoneme((320.0, 900.0, 2150.0, 3000.0), 0.0, 0.085, noise=Noise(LABIAL, -14.0), kind="stop"),
    "t": Phoneme((320.0, 1700.0, 2600.0, 3300.0), 0.0, 0.085, noise=Noise(CORONAL, -12.0, 1500.0), kind="stop"),
    "k": Phoneme((320.0, 1850.0, 2350.0, 3100.0), 0.0, 0.090, noise=Noise(VELAR, -12.0), kind="stop"),
    "b": Phoneme((250.0, 900.0, 2150.0, 3000.0), 0.1, 0.060, noise=Noise(LABIAL, -18.0), kind="stop"),
    "d": Phoneme((250.0, 1700.0, 2600.0, 3300.0), 0.1, 0.060, noise=Noise(CORONAL, -20.0, 1500.0), kind="stop"),
    "g": Phoneme((250.0, 1900.0, 2350.0, 3100.0), 0.1, 0.065, noise=Noise(VELAR, -19.0), kind="stop"),
}
INHALE = Noise(((1300.0, 900.0, 0.0), (2600.0, 1500.0, -3.0), (6000.0, 4000.0, -8.0)), -27.0)
