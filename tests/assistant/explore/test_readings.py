"""What a prompt may mean: senses first and labelled, then ways, styles by their names, open prompts on the mix."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from assistant.explore import OneSense, follow_up_of, readings_of
from assistant.explore.choose import choose_apart
from assistant.explore.readings import _table, style_of
from assistant.request import MIX, Request
from exchange import Song, Track
from models.text_to_effect import load_text_to_effect
from ontology import load_ontology

ONTOLOGY = load_ontology()


def track(name, instrument, group):
    return Track(name, instrument, group, "#888888", np.ones((1, 100), np.float32), Path(f"{name}.wav"))


SONG = Song(
    (track("Lead Vox", "lead_vocal", "vocals"), track("Kick", "kick", "drums"), track("Snare", "snare", "drums")),
    44100, 100, "a test", (),
)  # fmt: skip


def readings(text, *requests):
    return readings_of(requests, text, SONG, ONTOLOGY, load_text_to_effect())


def edit(word, target=MIX, amount=1.0):
    return Request(intent="edit", targets=(target,), descriptor=word, amount=amount)


def test_senses_of_an_ambiguous_word_come_first_with_their_names():
    word = next(word for word in ONTOLOGY.values() if len(word.senses) > 1 and word.kind == "tone")
    found = readings(f"make it {word.id}", edit(word.id))
    senses = [reading for reading in found if reading.kind == "sense"]
    assert found[: len(senses)] == senses
    assert len(senses) == len([sense for sense in word.senses if sense.share >= 0.03])
    assert all(reading.name.startswith(f"{word.id}: ") for reading in senses)
    shares = [word.senses[reading.sense[1]].share for reading in senses]
    assert shares == sorted(shares, reverse=True)


def test_a_plain_word_has_one_sense_and_ways_to_carry_it_out():
    found = readings("more airy", edit("airy"))
    assert [reading.kind for reading in found][:2] == ["sense", "way"]
    assert {"subtle", "bold"} <= {reading.name.rsplit(", ", 1)[-1] for reading in found}


def test_subtle_and_bold_differ_in_amount_alone():
    found = {reading.name.rsplit(", ", 1)[-1]: reading for reading in readings("airier", edit("airy", "Lead Vox", 1.2))}
    subtle, bold = found["subtle"].requests[0], found["bold"].requests[0]
    assert subtle.amount < 1.2 < bold.amount
    assert subtle.model_copy(update={"amount": 1.0}) == bold.model_copy(update={"amount": 1.0})


def test_a_way_never_undoes_what_was_asked():
    names = [reading.name for reading in readings("drier", edit("dry"))]
    assert not any("wetter" in name for name in names)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("80s vibes", "eighties"),
        ("give it that eighties feel", "eighties"),
        ("intimate, late at night", "intimate, late at night"),
        ("I want a bigger chorus", "bigger chorus"),
        ("lofi please", "lo-fi"),
        ("surprise me", "open"),
        ("make the vocal warmer", None),
    ],
)
def test_styles_are_found_by_what_people_say(text, style):
    assert style_of(text) == style


def test_a_style_asks_only_for_tracks_that_are_there():
    found = readings("80s vibes")
    assert all(reading.kind == "style" and reading.why for reading in found)
    drums = [r.targets for reading in found for r in reading.requests if r.targets != (MIX,)]
    assert drums
    assert set(drums) == {("Kick", "Snare")}


def test_a_prompt_without_words_is_about_the_mix():
    found = readings("")
    assert len(found) >= 4
    assert all(request.targets == (MIX,) for reading in found for request in reading.requests)


def test_every_trait_of_the_tables_is_a_word_of_the_ontology():
    for style in _table("styles.yaml").values():
        for reading in style["readings"].values():
            for trait in reading["traits"]:
                assert trait.split(" on ")[0] in ONTOLOGY, trait
    for way in _table("tradeoffs.yaml"):
        assert set(way.get("with", {})) <= set(ONTOLOGY)


def test_one_sense_changes_one_word_only():
    word = next(word for word in ONTOLOGY.values() if len(word.senses) > 1)
    one = OneSense(ONTOLOGY, word.id, 1)
    assert one[word.id].senses[0].eq_db == word.senses[1].eq_db
    assert len(one[word.id].senses) == 1
    assert one["airy"] is ONTOLOGY["airy"]
    assert len(ONTOLOGY[word.id].senses) > 1


@pytest.mark.parametrize(
    ("text", "kind", "numbers", "rest"),
    [
        ("more like 2 but wider", "like", (2,), "wider"),
        ("something like option 3", "like", (3,), ""),
        ("the second but a bit darker", "like", (2,), "a bit darker"),
        ("between 1 and 3", "between", (1, 3), ""),
        ("halfway between one and two", "between", (1, 2), ""),
        ("nothing like these", "none", (), ""),
        ("none of them.", "none", (), ""),
        ("2 please", "pick", (2,), ""),
        ("I like the third", "pick", (3,), ""),
        ("number 4 it is", "pick", (4,), ""),
    ],
)
def test_follow_ups_are_understood(text, kind, numbers, rest):
    found = follow_up_of(text)
    assert (found.kind, found.numbers, found.rest) == (kind, numbers, rest)


@pytest.mark.parametrize("text", ["make it warmer", "cut 3 dB at 300 Hz", "80s vibes"])
def test_prompts_are_no_follow_ups(text):
    assert follow_up_of(text) is None


def test_follow_up_patterns_hold_their_numbers():
    table = yaml.safe_load(Path("assistant/explore/followups.yaml").read_text(encoding="utf-8"))
    assert all("{n}" in pattern for kind in ("like", "pick") for pattern in table[kind])
    assert all("{a}" in pattern and "{b}" in pattern for pattern in table["between"])


def test_farthest_points_are_chosen_after_the_first():
    places = np.array([[0.0, 0], [0.1, 0], [5, 0], [0, 4], [3, 3]])
    assert choose_apart(places, [0], 3, 1.0) == [0, 2, 3]


def test_nothing_closer_than_can_be_heard_is_chosen():
    places = np.array([[0.0, 0], [0.5, 0], [9, 0]])
    assert choose_apart(places, [0, 1], 3, 1.0) == [0, 2]
    assert choose_apart(places, [0], 3, 1.0, taken=np.array([[9.0, 0.5]])) == [0]
