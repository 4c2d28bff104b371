"""What studios call their tracks."""

import re

import pytest

import exchange
from exchange import guess_instrument, instrument_ids
from exchange.names import load_table

NAMES = {
    "lead_vocal": (
        "LV|Lead Vox|LdVox|12_LeadVox.wav|LEAD VOCAL|lead-vox_L|Vox|vocals.flac|LVComp|Main Vox|"
        "Tom Vox|03 Ld Vx 2.wav|Acapella|Lead Vox Print"
    ),
    "backing_vocal": (
        "BGV|BVs|BGVs_L|Vox Dbl|leadVocalDbl|Backing Vox 3|BackingVox|Harmony 2|Gang Vox|Choir|"
        "Bass Vox|vocal chop|Tenor"
    ),
    "kick": (
        "Kick In|Kick Out|BD|01_Kick.wav|kick_in.wav|Bass Drum|808 Kick|Kick Bass|Sub Kick|KickSub|01 Kick In SM91|KD"
    ),
    "snare": ("SN Top|Snr Bot|Snare|SD_01|sideStick|Snare Sample|SnareTop"),
    "hihat": ("HH|Hi-Hat|HiHat|hats|Hat_01|Open Hat"),
    "tom": ("Tom 1|FT|Floor Tom|RackTom1|toms"),
    "cymbals": ("Ride|Crash L|Cymbals|China"),
    "overhead": ("OH L|OH R|OHs|OHL|Overheads|Drum OH|Toms OH"),
    "room": ("Room|Rm Mono|Drum Room|Snare Room|Kick Room|RoomL|Amb"),
    "percussion": ("Perc|Shaker|Tamb|Congas 2|Claps|Perc Loop|cowbell|Glock"),
    "drums": ("Drums|Drum Bus|Kit|Drum Loop|Loop|drumkit_st|Drum Mix|Kick+Snare|Acoustic Kit"),
    "bass": (
        "DI|Bass DI|Bs|Sub|Bass-Amp|808|Synth Bass|Bass Synth|Upright Bass|Acoustic Bass|"
        "BassGtr|Slap Bass|Double Bass|Sub Bass 01"
    ),
    "acoustic_guitar": ("Ac Gtr|AGT|AcGtr L|Acoustic Guitar|AGT DI|Aco Gtr|Nylon Gtr|Ukulele|Acoustic"),
    "electric_guitar": (
        "Gtr 2|EGTR L|ElecGtr1DT|eGtr|E.Gtr|Lead Gtr|GtrL|Gtr DI|Guitar Room|Gtr Dbl|Baritone Gtr|Harmony Gtr|ac30"
    ),
    "piano": ("Pno|Piano L|Piano Room|Grand Piano|Acoustic Piano"),
    "keys": ("Rhodes|Keys|Wurli|E Piano|ElectricPiano|EP|Clav|Elec Piano"),
    "organ": ("Organ|B3|Hammond|Vox Organ"),
    "synth": ("Synth Pad|Lead Synth|Synth Lead|SynthLead2|Arp|Moog|Ambient Pad|Choir Pad"),
    "strings": ("Strings|Vln|Viola|Cello 1|strings_hi|Solo Violin|Background Strings"),
    "brass": ("Brass|Tpt|Trombone|Horns|French Horn|Bass Trombone|Brass Hits"),
    "winds": ("Sax|Flute|Bass Clarinet|bassoon|AltoSax|Bari Sax"),
    "fx": ("FX|Riser|Impact|Vox Verb|Snare Plate|Gtr Delay|Vox FX|Rev Cymbal|Sub Drop"),
    "mix": ("Print|Mixdown|My Song (Master)|2Mix|Full Mix|Stereo Out|Backing Track|instrumental"),
    "unknown": ("Audio 01|track_07|Sandbox|tomorrow|Basement|Ringtone|Brasserie|keystone|Kazoo|K||!!|...|07.wav|音声"),
}


@pytest.mark.parametrize(
    ("name", "instrument"),
    [(name, instrument) for instrument, names in NAMES.items() for name in names.split("|")],
)
def test_a_name_means(name, instrument):
    assert guess_instrument(name).instrument == instrument


def test_unknown_is_honest():
    guess = guess_instrument("Audio 01.wav")
    assert (guess.instrument, guess.group, guess.confidence) == ("unknown", "other", 0)
    assert guess.why == "No word in the name is known."


def test_the_reason_quotes_the_words_that_decided():
    assert guess_instrument("12_LeadVox_comp.wav").why == "The name says 'lead' and 'vox'."
    assert guess_instrument("Gtr B3.wav").why == "The name says 'b 3'."


@pytest.mark.parametrize(
    ("surer", "less_sure"),
    [
        ("Lead Vox", "Vox"),
        ("Vox", "Lead"),
        ("Kick", "Kick Bass"),
        ("Bass DI", "DI"),
        ("EGTR", "Gtr"),
        ("Room", "Snare Room"),
        ("OH L", "oh my love"),
        ("Drum Loop", "Loop"),
        ("DI", "Audio 01"),
    ],
)
def test_confidence_follows_how_clear_a_name_is(surer, less_sure):
    assert guess_instrument(surer).confidence > guess_instrument(less_sure).confidence


def test_folders_and_extensions_do_not_count(tmp_path):
    assert guess_instrument("/Drums/Kick/LV.wav").instrument == "lead_vocal"
    assert guess_instrument("C:\\Drums\\LV.wav").instrument == "lead_vocal"
    assert guess_instrument(tmp_path / "Vln.flac").instrument == "strings"
    assert guess_instrument("Sax.mp3") == guess_instrument("Sax")
    assert guess_instrument("drums.stem").instrument == "drums"


def test_the_table_is_consistent():
    table = load_table()
    assert list(table.instruments) == list(instrument_ids()) == list(NAMES)
    groups = {data["group"] for data in table.instruments.values()}
    assert groups == {"vocals", "drums", "bass", "guitars", "keys", "strings", "winds", "fx", "mix", "other"}
    colours = [data["colour"] for data in table.instruments.values()]
    assert len(set(colours)) == len(colours)
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for colour in colours)
    assert all(0 < rule.confidence < 1 for rule in table.rules)
    assert {rule.instrument for rule in table.rules} == set(NAMES) - {"unknown"}


def test_every_class_and_every_rule_is_used():
    table = load_table()
    used = {name for rule in table.rules for name in rule.classes}
    assert used == {name for name in table.classes.values() if name is not None}
    earlier = []
    for rule in table.rules:
        assert not any(before <= rule.classes for before in earlier), f"{rule} can never be reached"
        earlier.append(rule.classes)


def test_every_word_is_found_as_it_is_written():
    for word, name in load_table().classes.items():
        if name is None:
            assert guess_instrument(" ".join(word)).instrument == "unknown", word
        else:
            assert guess_instrument(" ".join(word)).instrument != "unknown", word
            assert guess_instrument("_".join(word).upper()).instrument != "unknown", word


def test_public_names_are_listed():
    assert exchange.__all__ == sorted(exchange.__all__, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(exchange, name) for name in exchange.__all__)
