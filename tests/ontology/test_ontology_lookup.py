"""From what people type to the word they mean."""

import pytest

from console.errors import OntologyError
from ontology import Ontology, Sense, Source, Word, load_ontology
from ontology.lookup import normalise_label

ONTOLOGY = load_ontology()

FORMS = {
    "warm": "warm", "Warmer": "warm", "WARMTH": "warm", "warmish": "warm", "warm-sounding": "warm",
    "muddiness": "muddy", "muddier": "muddy", "murky": "muddy", "boominess": "boomy",
    "boxyness": "boxy", "brighten": "bright", "brightened": "bright", "phatter": "fat",
    "honk": "honky", "nasally": "nasal", "in-your-face": "aggressive", "in your face": "aggressive",
    "up front": "forward", "upfront": "forward", "glue": "glued", "gluing": "glued",
    "squashing": "squashed", "wider": "wide", "widening": "wide", "lo-fi": "lo-fi", "lofi": "lo-fi",
    "lo fi": "lo-fi", "drier": "dry", "reverby": "reverberant", "echo": "echoey",
    "sibilance": "sibilant", "punchier": "punchy", "tightened": "tight", "far away": "distant",
    "presence": "present", "air": "airy", "clarity": "clear", "sparkle": "sparkly",
    "crunch": "crunchy", "thickening": "thick", "harshly": "harsh", "smoothly": "smooth",
    "tinniest": "tinny", "fullness": "full",
}  # fmt: skip

MISSPELT = {
    "warn up": "warm", "brigth": "bright", "brighetr": "bright", "mudy": "muddy",
    "muddyness": "muddy", "bommy": "boomy", "sibilent": "sibilant", "sibliant": "sibilant",
    "punchey": "punchy", "agressive": "aggressive", "agresive": "aggressive", "hrash": "harsh",
    "tiny": "small", "presense": "present", "reverberent": "reverberant", "compresed": "compressed",
    "distorded": "distorted", "spacios": "spacious", "telefone": "telephone",
    "squahsed": "squashed", "wolly": "woolly", "thikc": "thick", "wraming": "warm",
    "vintge": "vintage",
}  # fmt: skip

UNKNOWN = [
    "purple", "professional", "better", "right", "then", "white", "drums", "guitar", "vocals",
    "done", "more", "", "  ", "!!", "x", "what", "kazoo", "tone", "mix", "hold", "wise", "three",
    "there", "cord", "would", "sound",
]  # fmt: skip

TURNED = {
    "unmuddy": "muddy", "de-ess": "sibilant", "deess": "sibilant", "de-mud": "muddy",
    "de-boxed": "boxy", "less harsh": "harsh", "not boomy": "boomy", "uncompressed": "compressed",
    "declutter": "cluttered",
}  # fmt: skip


@pytest.mark.parametrize(("text", "word_id"), FORMS.items())
def test_forms_lead_to_their_word(text, word_id):
    match = ONTOLOGY.find(text)
    assert match is not None
    assert (match.word_id, match.direction) == (word_id, "+")
    assert match.confidence >= 0.9


@pytest.mark.parametrize(("text", "word_id"), MISSPELT.items())
def test_slips_lead_to_their_word(text, word_id):
    match = ONTOLOGY.find(text)
    assert (match and match.word_id) == word_id


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown_words_are_none(text):
    assert ONTOLOGY.find(text) is None


@pytest.mark.parametrize(("text", "word_id"), TURNED.items())
def test_turned_words_ask_for_less(text, word_id):
    match = ONTOLOGY.find(text)
    assert match is not None
    assert (match.word_id, match.direction) == (word_id, "-")


def test_every_label_finds_its_own_word():
    for label, (word_id, written, direction) in ONTOLOGY.labels.items():
        match = ONTOLOGY.find(written)
        assert match is not None, label
        assert (match.word_id, match.direction, match.confidence) == (word_id, direction, 1.0)


def test_everyday_words_are_no_labels():
    assert not ONTOLOGY.plain_words & set(ONTOLOGY.labels)


def test_everyday_words_are_not_taken_for_a_slip():
    assert [word for word in sorted(ONTOLOGY.plain_words) if ONTOLOGY.find(word) is not None] == []


def test_a_slip_is_less_sure_than_a_form_and_a_form_than_the_word():
    exact, form, slip = (ONTOLOGY.find(text) for text in ("harsh", "harshish", "hrash"))
    assert exact.confidence > form.confidence > slip.confidence
    assert "misspelt" in slip.why


def test_labels_compare_without_case_accents_hyphens_and_punctuation():
    assert normalise_label("  Lo-Fi!  ") == "lo fi"
    assert normalise_label("Über_fat") == "uber fat"


def _word(word_id, **fields):
    sense = Sense(name="x", share=1, eq_db=(0.0,) * 40, origin="literature", sources=("book",))
    return Word(id=word_id, kind="tone", gloss="x", senses=(sense,), **fields)


SOURCES = {"book": Source(id="book", short="Book", full="A book")}


def test_two_words_with_one_label_are_refused():
    words = {"a1": _word("a1", labels=("shared",)), "b1": _word("b1", labels=("Shared",))}
    with pytest.raises(OntologyError, match="belongs to both 'a1' and 'b1'"):
        Ontology(words, SOURCES)


def test_a_one_sided_opposite_is_refused():
    with pytest.raises(OntologyError, match="not the other way round"):
        Ontology({"a1": _word("a1", opposites=("b1",)), "b1": _word("b1")}, SOURCES)


def test_a_reference_to_nowhere_is_refused():
    with pytest.raises(OntologyError, match="refers to 'zz'"):
        Ontology({"a1": _word("a1", related=("zz",))}, SOURCES)


def test_an_unknown_source_is_refused():
    with pytest.raises(OntologyError, match="cites 'book'"):
        Ontology({"a1": _word("a1")}, {})
