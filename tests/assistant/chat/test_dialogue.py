"""Twenty turns with the model that is always here: every word of the replies, and every number in them measured again.

The measurements here are this file's own: the song is rendered from the session's settings by `console.render`, and
read with the console's meters. A number in a reply must be one of these readings, the place of a knob, or what the
person said.
"""

import re

import numpy as np
import pytest
import torch
from scipy.signal import butter, sosfilt

from assistant.chat import Talk
from assistant.events import Said
from assistant.session import Session
from assistant.studio import Studio
from assistant.turn import Assistant
from console.loudness import integrated_lufs, loudness_range_lu
from console.measures import band_level_db, crest_factor_db, power_spectrum, width_db
from console.render import render
from console.settings import Settings, moves
from console.true_peak import true_peak_dbtp
from ontology import PersonalDictionary, load_ontology

# "#" is a number, "..." are moves and measurements of a tuned change: which knobs those are is tested elsewhere.
MIX = "The mix: loudness # to # LUFS, true peak # to # dBTP."
LOCKED = f"{MIX} Bass DI was left alone, as you asked."
DIALOGUE = [
    ("turn the keys down 3 dB", f"Keys: fader # dB.\n{MIX}"),
    ("half of that", '"turn the keys down 3 dB": it now stands at # %. The mix: loudness # to # LUFS.'),
    ("make the lead vox brighter", f"Lead Vox: brighter. ...\n{MIX}..."),
    ("a bit more", f"Lead Vox: brighter. ...\n{MIX}..."),
    ("undo", 'Undone: back to "make the lead vox brighter".'),
    ("cut 3 dB at 300 Hz on the keys with a Q of 2", f"Keys: bell # dB at # Hz.\n{MIX}"),
    ("lock the bass", "Locked: Bass DI. No edit touches that until you unlock it."),
    (
        "make everything darker but keep the vocal clear",
        f"Keys: darker. ...\nLead Vox: darker. ...\n{LOCKED} ...1-4 kHz ...",
    ),
    (
        "compare with the version before",
        'Version # ("cut 3 dB at 300 Hz on the keys with a Q of 2") against version # ("make everything darker but '
        'keep the vocal clear"): # knobs stand differently (Keys, Lead Vox).\n...',
    ),
    ("call this version darker one", 'Version # is called "darker one" now.'),
    ("pan the keys 30 left", f"Keys: pan #.\n{LOCKED}"),
    ("set the reverb decay to 2.5 s", f"The reverb: decay # s.\n{MIX}"),
    ("bring the lead vox forward", f"Lead Vox: forward. ...\n{LOCKED}..."),
    ("why did you do that?", 'You said "bring the lead vox forward".\nForward: Stands in front of the other parts....'),
    ("back to darker one", 'Back to "darker one".'),
    ("high-pass the lead vox at 120", f"Lead Vox: high-pass frequency # Hz, high-pass on.\n{LOCKED}"),
    ("unlock the bass", "Unlocked: Bass DI."),
    ("tame the boomy bass", "Bass DI: less boomy. ...\nThe mix: ...loudness # to # LUFS, true peak # to # dBTP...."),
    (
        "start me off",
        "A first mix. Every level is the loudness of what plays, set against the lead:\n"
        f"Bass DI: ...\nKeys: ...\nLead Vox: ...\nThe mix: ...\n{MIX}",
    ),
    (
        "compare 0 and 3",
        'Version # ("as loaded") against version # ("make the lead vox brighter"): # knobs stand differently (Keys, '
        "Lead Vox).\n...",
    ),
]
REGIONS = {"lows": (20, 120), "low mids": (120, 500), "mids": (500, 2000), "high mids": (2000, 6000),
           "highs": (6000, 20000)}  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d+)?")


class Ears:
    """Renders settings of a song once and reads them."""

    def __init__(self, song):
        self.song, self.rate, self._kept = song, song.sample_rate, {}

    def audio(self, settings, track):
        key = settings.to_json()
        if key not in self._kept:
            tracks = {track.name: torch.from_numpy(track.audio) for track in self.song.tracks}
            self._kept[key] = render(tracks, settings, self.rate)
        found = self._kept[key]
        return (found.master if track == "mix" else found.tracks[track]).numpy()

    def rest(self, settings, track):
        return sum(self.audio(settings, one.name) for one in self.song.tracks if one.name != track)

    def share_db(self, audio, low_hz, high_hz):
        spectrum = power_spectrum(audio, self.rate)
        freqs, power = np.asarray(spectrum.freq_hz), np.asarray(spectrum.power)
        return 10 * np.log10(power[(freqs >= low_hz) & (freqs <= high_hz)].sum() / power.sum())

    def presence_db(self, settings, track):
        sos = butter(2, (1000.0, 4000.0), "bandpass", fs=self.rate, output="sos")
        own, rest = (sosfilt(sos, audio) for audio in (self.audio(settings, track), self.rest(settings, track)))
        return 10 * np.log10(np.square(own).mean() / np.square(rest).mean())

    def level_lu(self, settings, track):
        return integrated_lufs(self.audio(settings, track), self.rate) - integrated_lufs(
            self.rest(settings, track).astype(np.float32), self.rate
        )

    def sibilance_db(self, audio):
        """The loudest fiftieth of 5-9 kHz in frames of 20 ms against the mean of 300-4000 Hz."""
        size = int(0.02 * self.rate)
        frames = audio.mean(axis=0)[: audio.shape[1] // size * size].reshape(-1, size)
        power = np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)) ** 2
        hz = np.fft.rfftfreq(size, 1 / self.rate)
        sharp = power[:, (hz >= 5000) & (hz <= 9000)].sum(axis=1)
        voice = power[:, (hz >= 300) & (hz <= 4000)].sum(axis=1)
        return 10 * np.log10(np.quantile(sharp, 0.98) / voice.mean())

    def read(self, what, settings, track):
        """Take a reading by its name."""
        audio = self.audio(settings, track)
        band = re.match(r"(\d+)-(\d+) Hz against the whole", what)
        region = REGIONS.get(what.removesuffix(" against the whole"))
        if band:
            return self.share_db(audio, float(band[1]), float(band[2]))
        if region:
            top = min(20000.0, self.rate / 2)
            return band_level_db(audio, self.rate, region[0], min(region[1], top)) - band_level_db(
                audio, self.rate, 20, top
            )
        plain = {
            "loudness": lambda: integrated_lufs(audio, self.rate),
            "true peak": lambda: true_peak_dbtp(audio, self.rate),
            "loudness range": lambda: loudness_range_lu(audio, self.rate),
            "crest factor": lambda: crest_factor_db(audio),
            "side against mid": lambda: width_db(audio),
            "s and t against the voice": lambda: self.sibilance_db(audio),
            "level against the rest": lambda: self.level_lu(settings, track),
            "1-4 kHz against the rest": lambda: self.presence_db(settings, track),
            "level and presence against the rest": lambda: (
                self.level_lu(settings, track) + self.presence_db(settings, track)
            ) / 2,
        }  # fmt: skip
        return plain[what]()


def _numbers(text):
    """Yield every number of a text: value, decimals, unit; quotes and the names of bands are no readings."""
    plain = re.sub(r'"[^"]*"|1-4 kHz', "", text)
    for match in _NUMBER.finditer(plain):
        yield float(match.group()), len(match.group().partition(".")[2]), plain[match.end() : match.end() + 4].strip()


def _is_told(entry):
    """Second opinions of embeddings are kept with a version; no reply tells them."""
    return entry.unit != "cosine"


def _of_a_first_mix(ears, session):
    """The further readings that a first mix tells: raw loudness, what a high-pass takes and what a compressor takes."""
    found = []
    for track in ears.song.tracks:
        channel = session.settings.channel(track.name)
        raw = integrated_lufs(track.audio, ears.rate)
        found += [raw, raw + session.settings.number(track.name, "trim.gain_db")]
        spectrum = power_spectrum(track.audio, ears.rate)
        below = np.asarray(spectrum.freq_hz) < session.settings.number(track.name, "highpass.freq_hz")
        found.append(100 * float(np.asarray(spectrum.power)[below].sum() / np.asarray(spectrum.power).sum()))
        dry = {name: value for name, value in channel.items() if not name.startswith("send.")}
        plain = {name: value for name, value in dry.items() if not name.startswith("compressor.")}
        audio = {track.name: torch.from_numpy(track.audio)}
        levels = [
            integrated_lufs(render(audio, Settings(tracks={track.name: one}), ears.rate).tracks[track.name].numpy(),
                            ears.rate)
            for one in (plain, dry)
        ]  # fmt: skip
        found.append(levels[0] - levels[1])
    return found


def _pattern(expected):
    pattern = re.escape(expected).replace(r"\#", r"[+-]?\d+(?:\.\d+)?").replace(r"\.\.\.", r"[\s\S]*?")
    return re.compile(pattern)


@pytest.fixture(scope="module")
def dialogue(song, tmp_path_factory):
    """Hold the dialogue; return for every turn (said, reply, outcomes, settings before, settings after)."""
    words = PersonalDictionary(tmp_path_factory.mktemp("words") / "words.json")
    studio = Studio(Session(song), Assistant(words.over(load_ontology()), dictionary=words))
    talk, turns = Talk(studio), []
    for said, _ in DIALOGUE:
        before = studio.session.settings
        *_, last = talk.say(said)
        assert isinstance(last, Said)
        turns.append((said, last.text, tuple(studio.outcomes), before, studio.session.settings))
    return studio.session, turns


def test_every_reply_is_word_for_word(dialogue):
    _, turns = dialogue
    assert len(turns) == 20
    for (_, expected), (said, reply, *_) in zip(DIALOGUE, turns, strict=True):
        assert _pattern(expected).fullmatch(reply), f"{said!r} got:\n{reply}"


def test_every_reading_is_measured_again(song, dialogue):
    session, turns = dialogue
    ears, count = Ears(song), 0
    for said, _, outcomes, before, after in turns:
        for outcome in outcomes:
            pair = (before, after)
            if outcome.compared:
                pair = tuple(session.versions[number].settings for number in outcome.compared)
            for entry in filter(_is_told, outcome.measured):
                for settings, told in zip(pair, (entry.before, entry.after), strict=True):
                    assert told == pytest.approx(ears.read(entry.what, settings, entry.track), abs=0.06), (said, entry)
                    count += 1
    assert count > 120


def test_every_number_of_a_reply_is_a_reading_a_knob_or_what_was_said(song, dialogue):
    session, turns = dialogue
    ears = Ears(song)
    last: list = []
    for said, reply, outcomes, before, after in turns:
        entries = [entry for outcome in outcomes for entry in outcome.measured if _is_told(entry)]
        known = [value for value, *_ in _numbers(said)] + [float(version.number) for version in session.versions]
        if said.startswith("why"):  # tells of the turn before
            entries, before, after = last
        elif entries:
            last = [entries, before, after]
        for entry in entries:
            known += [entry.before, entry.after, entry.after - entry.before]
            known += [value for value, *_ in _numbers(entry.what)] + ([] if entry.wanted is None else [entry.wanted])
        for settings in (before, after):
            for address in settings.addresses():
                known += [float(value) for value in settings.channel(address).values() if not isinstance(value, str)]
        if "start" in said:
            known += _of_a_first_mix(ears, session)
        known += [
            float(len(moves(*(session.versions[n].settings for n in o.compared)))) for o in outcomes if o.compared
        ]
        if said == "half of that":
            known += [50.0, 3.0]
        for value, decimals, unit in _numbers(reply):
            scale, digits = (1000.0, decimals - 3) if unit.startswith("kHz") else (1.0, decimals)
            # three significant figures of a frequency are written, two of which are heard
            near = max(0.5000001 * 10.0**-digits, 0.006 * abs(value) * scale if "Hz" in unit else 0.0)
            shown = any(abs(abs(value) * scale - abs(one)) <= near for one in known)
            assert shown, f"{said!r}: nobody measured {value:g} {unit} in\n{reply}"
