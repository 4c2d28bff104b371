"""A word that is explained is kept and understood from then on."""

import pytest

from assistant.learn import keep_word
from assistant.understand import NamedTrack, understand
from console.errors import OntologyError
from ontology import PersonalDictionary, load_ontology

TRACKS = (NamedTrack.guess("Lead Vox"), NamedTrack.guess("Keys"))


def test_an_explained_word_is_kept_and_understood(tmp_path):
    dictionary = PersonalDictionary(tmp_path / "dictionary.json")
    (taught,) = understand("by gliggy I mean bright and less boomy", TRACKS, None, load_ontology())
    assert (taught.intent, taught.word, taught.means) == ("teach", "gliggy", ("bright+", "boomy-"))
    assert understand("make the keys gliggy", TRACKS, None, load_ontology())[0].intent == "clarify"
    said, words = keep_word(taught, dictionary)
    assert "gliggy" in said
    (edit,) = understand("make the keys gliggier", TRACKS, None, words)
    assert (edit.intent, edit.targets, edit.descriptor, edit.direction) == ("edit", ("Keys",), "gliggy", "+")
    assert "gliggy" in PersonalDictionary(tmp_path / "dictionary.json")


def test_the_users_meaning_wins_over_the_crowds(tmp_path):
    dictionary = PersonalDictionary(tmp_path / "dictionary.json")
    (taught,) = understand("when I say glassy I mean bright and thin", TRACKS, None, load_ontology())
    _, words = keep_word(taught, dictionary)
    assert understand("glassier keys", TRACKS, None, load_ontology())[0].descriptor != "glassy"
    assert understand("glassier keys", TRACKS, None, words)[0].descriptor == "glassy"


def test_a_word_explained_by_nothing_is_asked_about(tmp_path):
    dictionary = PersonalDictionary(tmp_path / "dictionary.json")
    (taught,) = understand("by gliggy I mean flurby and wurzly", TRACKS, None, load_ontology())
    assert taught.means == ()
    said, _ = keep_word(taught, dictionary)
    assert said.endswith("punchy.")
    assert not dictionary


def test_a_word_cannot_explain_itself(tmp_path):
    dictionary = PersonalDictionary(tmp_path / "dictionary.json")
    (taught,) = understand("by warm I mean warm", TRACKS, None, load_ontology())
    assert taught.means == ()
    with pytest.raises(OntologyError, match="cannot be explained by itself"):
        dictionary.learn("warm", "warm", load_ontology())
