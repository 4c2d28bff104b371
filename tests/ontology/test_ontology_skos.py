"""SKOS out and in again, without a loss; the Turtle itself keeps SKOS's rules."""

import pytest
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.namespace import SKOS

from console.errors import OntologyError
from ontology import Ontology, load_ontology
from ontology.practice import load_practice
from ontology.skos import from_turtle, to_turtle

ONTOLOGY = load_ontology()
WORD = Namespace("urn:studiospeak:word:")
SAMPLE = ("warm", "cold", "telephone", "robotic", "muddy", "clear", "good", "bad", "clipped")


def closed(names):
    """The words named and whatever they refer to, so that they stand alone."""
    found, open_ids = {}, list(names)
    while open_ids:
        word = ONTOLOGY[open_ids.pop()]
        if word.id not in found:
            found[word.id] = word
            lean = [name for sense in word.senses for name in sense.shrunk_towards if name != "literature"]
            others = [confusion.id for confusion in word.confused_with]
            open_ids += [*word.opposites, *word.related, *word.broader, *others, *lean]
    return Ontology(found, ONTOLOGY.sources)


@pytest.fixture(scope="module")
def turtle():
    return to_turtle(closed(SAMPLE))


@pytest.fixture(scope="module")
def graph(turtle):
    return Graph().parse(data=turtle, format="turtle")


def test_a_round_trip_loses_nothing(turtle):
    before, after = closed(SAMPLE), from_turtle(turtle)
    assert set(after) == set(before) > set(SAMPLE)
    assert [word_id for word_id in before if before[word_id] != after[word_id]] == []
    assert after.sources == before.sources
    assert after.labels == before.labels


def test_words_are_concepts_with_labels_and_definitions(graph):
    warm = WORD["warm"]
    assert (warm, RDF.type, SKOS.Concept) in graph
    assert str(graph.value(warm, SKOS.prefLabel)) == "warm"
    assert "warmth" in {str(label) for label in graph.objects(warm, SKOS.altLabel)}
    assert str(graph.value(warm, SKOS.definition)) == ONTOLOGY["warm"].gloss


def test_every_concept_has_one_preferred_label(graph):
    for concept in graph.subjects(RDF.type, SKOS.Concept):
        assert len(list(graph.objects(concept, SKOS.prefLabel))) == 1


def test_broader_and_narrower_mirror_each_other(graph):
    broader = set(graph.subject_objects(SKOS.broader))
    assert broader == {(low, high) for high, low in graph.subject_objects(SKOS.narrower)}
    assert (WORD["telephone"], WORD["lo-fi"]) in broader


def test_related_words_are_no_kin_as_skos_demands(graph):
    for one, other in graph.subject_objects(SKOS.related):
        assert other not in set(graph.transitive_objects(one, SKOS.broader))
        assert one not in set(graph.transitive_objects(other, SKOS.broader))


def test_processors_are_concepts_matched_to_the_wider_web(graph):
    for effect in load_practice().effects.values():
        node = URIRef(f"urn:studiospeak:effect:{effect.id}")
        assert (node, SKOS.closeMatch, URIRef(effect.same_as)) in graph


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("this is no turtle", "not Turtle"),
        ("", "no word in this Turtle"),
        (
            "<urn:studiospeak:word:x> a <http://www.w3.org/2004/02/skos/core#Concept> .",
            "incomplete",
        ),
    ],
)
def test_what_is_no_export_is_refused(text, message):
    with pytest.raises(OntologyError, match=message):
        from_turtle(text)
