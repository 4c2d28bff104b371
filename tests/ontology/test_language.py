"""The tables of function words fit together."""

import pytest

from assistant.request import NUMBERS
from console.errors import OntologyError
from exchange import instrument_ids
from exchange.names import load_table
from ontology import load_ontology
from ontology.language import load_language
from ontology.phrases import Openers

LANGUAGE = load_language()


def test_parts_name_instruments_and_groups_that_exist():
    groups = {entry["group"] for entry in load_table().instruments.values()}
    for name, part in LANGUAGE.parts.items():
        assert {*part.instruments, *part.first, *part.or_} <= set(instrument_ids()), name
        assert set(part.groups) <= groups, name
        assert part.words, name


def test_a_word_names_one_part():
    words = [word for part in LANGUAGE.parts.values() for word in part.words]
    assert len(words) == len(set(words))


def test_words_named_in_the_tables_are_in_the_ontology():
    ontology = load_ontology()
    verbs = [word for word in LANGUAGE.verbs["fix"].values() if word]
    sayings = [match.word_id if (match := ontology.find(name)) else name for name, _ in LANGUAGE.sayings.values()]
    processors = [entry.descriptor for entry in LANGUAGE.processor_verbs.values() if entry.descriptor]
    pairs = [word for pair in LANGUAGE.contradictions for word in pair]
    sizes = [*LANGUAGE.effect_sizes, *LANGUAGE.effect_amounts, *LANGUAGE.effect_words.values(), *LANGUAGE.downwards]
    listed = [*LANGUAGE.regions, *LANGUAGE.complaints, *LANGUAGE.printed, *LANGUAGE.quality_of_word]
    named = [*listed, *sizes, *verbs, *sayings, *processors, *pairs]
    assert [word for word in named if word not in ontology] == []


def test_numbers_named_in_the_tables_can_be_carried_out():
    assert {cue.parameter for cue in LANGUAGE.cues} <= NUMBERS.keys()
    assert set(LANGUAGE.speeds) <= NUMBERS.keys()
    for parameter, speeds in LANGUAGE.speeds.items():
        assert all(NUMBERS[parameter].low <= value <= NUMBERS[parameter].high for value in speeds.values())
    low, high = NUMBERS["loudness_lufs"].low, NUMBERS["loudness_lufs"].high
    assert all(low <= lufs <= high for name, lufs in LANGUAGE.platforms.items() if name != "checked")


def test_amounts_are_in_range():
    assert all(0 < amount <= 4 for amount in LANGUAGE.amounts.values())


def test_no_and_on_are_words():
    assert Openers(LANGUAGE.reactions["reject"]).all_of(["no"])
    assert "on" in LANGUAGE.section_openers


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(OntologyError, match=r"targets\.yaml"):
        load_language(tmp_path)


def test_a_damaged_table_is_refused(tmp_path):
    for name in ("targets.yaml", "amounts.yaml", "intents.yaml"):
        (tmp_path / name).write_text("unknown_table: []\n", encoding="utf-8")
    with pytest.raises(OntologyError, match="damaged"):
        load_language(tmp_path)
