import yaml

from assistant.tell import _sentences, describe_moves, name_channel
from console.settings import Settings, moves

BEFORE = Settings.neutral(["a"])


def _told(**changes):
    after = BEFORE.turned({("a", name.replace("__", ".")): value for name, value in changes.items()})
    return describe_moves(moves(BEFORE, after))


def test_an_equaliser_band_is_one_thing():
    told = _told(eq__bell_1_gain_db=-3.5, eq__bell_1_freq_hz=300.0, eq__bell_1_q=2.0, eq__high_shelf_gain_db=2.0)
    assert told == "bell -3.5 dB at 300 Hz, high shelf +2.0 dB"


def test_units_are_said():
    told = _told(compressor__ratio=4.0, compressor__threshold_db=-22.0, fader__gain_db=-1.5, highpass__on=1)
    assert told == "high-pass on, ratio 4:1, threshold -22 dB, fader -1.5 dB"


def test_buses_have_names_for_people():
    assert name_channel("master") == "the mix"
    assert name_channel("Lead Vox") == "Lead Vox"


def test_the_sentence_table_is_text():
    table = yaml.safe_load(yaml.safe_dump(_sentences()))
    assert all(isinstance(text, str) and text.strip() for text in table.values())
