"""Patterns stand for the phrases they read like."""

import itertools

import pytest

from console.errors import OntologyError
from ontology.phrases import Openers, with_groups


def fits(pattern: str, text: str) -> bool:
    return Openers([pattern]).all_of(text.split())


def test_either_and_may_be_missing():
    pattern = "(can|could) you (please)?"
    said = {" ".join(filter(None, words)) for words in itertools.product(("can", "could"), ("you",), ("please", ""))}
    assert all(fits(pattern, text) for text in said)
    assert not any(fits(pattern, text) for text in ("can", "you please", "can you please please", "will you"))


def test_brackets_in_brackets():
    pattern = "(a|(one|two) (more)?) (of that)?"
    for text in ("a", "a of that", "one", "two more", "one more of that"):
        assert fits(pattern, text), text
    for text in ("more", "a more", "one of", "two that"):
        assert not fits(pattern, text), text


def test_the_longest_fit_at_the_front_is_measured():
    openers = Openers(["what", "what if", "what (would|could) (help)?"])
    assert openers.length(["what", "if", "it", "was"]) == 2
    assert openers.length(["what", "would", "help", "here"]) == 3
    assert openers.length(["so", "what"]) == 0
    assert openers.length([]) == 0


def test_small_words_may_stand_inside_but_not_in_front():
    openers = Openers(["could you (try to)?"], inside=["please", "maybe"])
    assert openers.length(["could", "maybe", "you", "please", "try", "to"]) == 6
    assert openers.length(["please", "could", "you"]) == 0
    assert openers.all_of(["could", "you", "please"])
    assert not openers.all_of(["could", "you", "now"])


def test_a_small_word_that_is_wanted_is_not_skipped():
    openers = Openers(["go (on|please on)"], inside=["please"])
    assert openers.length(["go", "please", "on"]) == 3


def test_groups_are_put_in():
    groups = {"who": "you|we", "polite": "please|{who} please"}
    assert with_groups("can {who} {polite}", groups) == "can (you|we) (please|(you|we) please)"
    with pytest.raises(OntologyError, match="names the group 'them'"):
        with_groups("{them}", groups)


@pytest.mark.parametrize("pattern", ["(a|b", "a)", "((a) b"])
def test_half_a_bracket_is_refused(pattern):
    with pytest.raises(OntologyError, match="without its other half"):
        Openers([pattern])
