"""The words as linked data: SKOS concepts in Turtle, out and in again without a loss.

Labels, definitions, broader, narrower and related terms are SKOS; opposites, senses, bands and what words ask of
processors have no SKOS term and use ours. Processors are concepts too, matched to what the wider web calls them.
rdflib does the reading and writing; it is imported here only, when something is exported or imported.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from console.errors import OntologyError
from ontology.lookup import Ontology
from ontology.model import BANDS_HZ, Band, Confusion, Effect, Sense, Source, Word
from ontology.practice import EffectTerm, load_practice

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.term import Node

__all__ = ["NAMESPACE", "from_turtle", "to_turtle"]

NAMESPACE = "urn:studiospeak:"
_WORD, _SOURCE, _EFFECT = f"{NAMESPACE}word:", f"{NAMESPACE}source:", f"{NAMESPACE}effect:"
_OURS = f"{NAMESPACE}term:"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_DCT = "http://purl.org/dc/terms/"
_LISTED = ("labels", "labels_minus", "everyday", "causes", "remedies")  # tuples of text, in order
_LINKED = ("opposites", "related", "broader")  # tuples of ids, in order
_SENSE = ("name", "share", "people", "agreement", "literature_r", "origin")
_EFFECT_FIELDS = ("type", "origin", "people", "agreement")


def to_turtle(ontology: Ontology) -> str:
    """Write every word as Turtle.

    Args:
        ontology: the words and their sources.
    Returns:
        SKOS in Turtle; `from_turtle` reads the same words back.
    """
    from rdflib import RDF, Graph, Literal, URIRef

    graph = Graph()
    for prefix, uri in (("skos", _SKOS), ("dct", _DCT), ("ss", _OURS), ("word", _WORD), ("fx", _EFFECT)):
        graph.bind(prefix, uri)
    scheme = URIRef(f"{NAMESPACE}scheme")
    graph.add((scheme, RDF.type, URIRef(f"{_SKOS}ConceptScheme")))
    graph.add((scheme, URIRef(f"{_DCT}title"), Literal("Studio words", lang="en")))
    graph.add((scheme, URIRef(f"{_OURS}bandsHz"), Literal(_numbers(BANDS_HZ))))
    for source in ontology.sources.values():
        node = URIRef(_SOURCE + source.id)
        graph.add((node, RDF.type, URIRef(f"{_DCT}BibliographicResource")))
        graph.add((node, URIRef(f"{_DCT}identifier"), Literal(source.short)))
        graph.add((node, URIRef(f"{_DCT}bibliographicCitation"), Literal(source.full)))
    for effect in load_practice().effects.values():
        _add_effect_term(graph, scheme, effect)
    for word in ontology.values():
        _add_word(graph, scheme, word, ontology)
    return str(graph.serialize(format="turtle"))


def _add_effect_term(graph: "Graph", scheme: "URIRef", effect: EffectTerm) -> None:
    from rdflib import RDF, Literal, URIRef

    node = URIRef(_EFFECT + effect.id)
    graph.add((node, RDF.type, URIRef(f"{_SKOS}Concept")))
    graph.add((node, URIRef(f"{_SKOS}inScheme"), scheme))
    graph.add((node, URIRef(f"{_SKOS}prefLabel"), Literal(effect.name, lang="en")))
    for label in effect.labels:
        graph.add((node, URIRef(f"{_SKOS}altLabel"), Literal(label, lang="en")))
    graph.add((node, URIRef(f"{_SKOS}definition"), Literal(effect.gloss, lang="en")))
    graph.add((node, URIRef(f"{_SKOS}closeMatch"), URIRef(effect.same_as)))


def _add_word(graph: "Graph", scheme: "URIRef", word: Word, ontology: Ontology) -> None:
    from rdflib import RDF, BNode, Literal, URIRef
    from rdflib.collection import Collection

    node = URIRef(_WORD + word.id)

    def add(predicate: str, value: Any, subject: "Node" = node) -> None:
        graph.add((subject, URIRef(predicate), value))

    def add_list(predicate: str, values: Iterable["Node"], subject: "Node" = node) -> None:
        items = list(values)
        if items:
            head = BNode()
            Collection(graph, head, items)
            add(predicate, head, subject)

    def fields(subject: "Node", row: Any, names: Iterable[str]) -> None:
        for name in names:
            value = getattr(row, name)
            if value is not None:
                add(_OURS + name, Literal(value), subject)

    add(str(RDF.type), URIRef(f"{_SKOS}Concept"))
    add(f"{_SKOS}inScheme", scheme)
    add(f"{_SKOS}prefLabel", Literal(word.id.replace("-", " "), lang="en"))
    for label in word.labels:
        add(f"{_SKOS}altLabel", Literal(label, lang="en"))
    for label in (*word.labels_minus, *word.everyday):
        add(f"{_SKOS}hiddenLabel", Literal(label, lang="en"))
    add(f"{_SKOS}definition", Literal(word.gloss, lang="en"))
    for name in ("kind", "problem", "listening_only"):
        add(_OURS + name, Literal(getattr(word, name)))
    for name in _LISTED:  # in order; SKOS keeps sets
        add_list(_OURS + name, map(Literal, getattr(word, name)))
    for name in _LINKED:
        add_list(_OURS + name, (URIRef(_WORD + other) for other in getattr(word, name)))
    kin = ontology.broader_all(word.id)
    for other in word.related:
        if other not in kin and word.id not in ontology.broader_all(other):  # SKOS S27: related is no kinship
            add(f"{_SKOS}related", URIRef(_WORD + other))
    for other in word.broader:
        add(f"{_SKOS}broader", URIRef(_WORD + other))
    for other in ontology.narrower(word.id):
        add(f"{_SKOS}narrower", URIRef(_WORD + other))
    add_list(f"{_OURS}remedy_sources", (URIRef(_SOURCE + key) for key in word.remedy_sources))
    for source in word.sources:
        add(f"{_DCT}source", URIRef(_SOURCE + source))

    rows: list[Node] = []
    for confusion in word.confused_with:
        rows.append(BNode())
        add(f"{_OURS}with", URIRef(_WORD + confusion.id), rows[-1])
        add(f"{_OURS}tells_apart", Literal(confusion.tells_apart), rows[-1])
    add_list(f"{_OURS}confused_with", rows)

    rows = []
    for instrument, bands in word.bands.items():
        for band in bands:
            rows.append(BNode())
            add(f"{_OURS}instrument", Literal(instrument), rows[-1])
            fields(rows[-1], band, ("low_hz", "high_hz"))
            add(f"{_DCT}source", URIRef(_SOURCE + band.source), rows[-1])
    add_list(f"{_OURS}bands", rows)

    rows = []
    for sense in word.senses:
        at = BNode()
        rows.append(at)
        fields(at, sense, _SENSE)
        add(f"{_OURS}eq_db", Literal(_numbers(sense.eq_db)), at)
        add_list(f"{_OURS}sources", (URIRef(_SOURCE + key) for key in sense.sources), at)
        add_list(f"{_OURS}shrunk_towards", map(Literal, sense.shrunk_towards), at)
        uses: list[Node] = []
        for effect in sense.effects:
            uses.append(BNode())
            add(f"{_OURS}effect", URIRef(_EFFECT + effect.name), uses[-1])
            fields(uses[-1], effect, _EFFECT_FIELDS)
            add_list(f"{_OURS}sources", (URIRef(_SOURCE + key) for key in effect.sources), uses[-1])
            for term, value in effect.values.items():
                add(f"{_OURS}value_{term}", Literal(float(value)), uses[-1])
        add_list(f"{_OURS}effects", uses, at)
    add_list(f"{_OURS}senses", rows)


def from_turtle(text: str) -> Ontology:
    """Read words that `to_turtle` wrote.

    Args:
        text: Turtle.
    Returns:
        The checked ontology: references, opposites and labels are as strict as when loaded from the tables.
    Raises:
        OntologyError: it is no Turtle, or a word in it is incomplete.
    """
    from rdflib import RDF, Graph, URIRef
    from rdflib.plugins.parsers.notation3 import BadSyntax

    graph = Graph()
    try:
        graph.parse(data=text, format="turtle")
    except BadSyntax as error:
        raise OntologyError(
            f"This is not Turtle: {str(error).strip().splitlines()[0]}. Export the words again."
        ) from error
    nodes = [str(node) for node in graph.subjects(RDF.type, URIRef(f"{_SKOS}Concept"))]
    ids = sorted(node.removeprefix(_WORD) for node in nodes if node.startswith(_WORD))
    if not ids:
        raise OntologyError(f"There is no word in this Turtle: no skos:Concept whose name begins with {_WORD}.")
    cited = [str(node) for node in graph.subjects(RDF.type, URIRef(f"{_DCT}BibliographicResource"))]
    try:
        sources = {key.removeprefix(_SOURCE): _source(graph, key) for key in cited}
        return Ontology({word_id: _word(graph, word_id) for word_id in ids}, sources)
    except (ValidationError, KeyError, ValueError) as error:
        raise OntologyError(f"A word in this Turtle is incomplete: {error}") from error


def _source(graph: "Graph", uri: str) -> Source:
    row = _row(graph, uri)
    key = uri.removeprefix(_SOURCE)
    return Source(id=key, short=row[f"{_DCT}identifier"], full=row[f"{_DCT}bibliographicCitation"])


def _row(graph: "Graph", subject: Any) -> Mapping[str, Any]:
    """Every predicate of a node that has one value -> that value, a list's items in order."""
    from rdflib import RDF, BNode, Literal, URIRef
    from rdflib.collection import Collection

    node = subject if isinstance(subject, BNode) else URIRef(str(subject))
    row: dict[str, Any] = {}
    for predicate, value in graph.predicate_objects(node):
        if isinstance(value, BNode) and graph.value(value, RDF.first) is not None:
            row[str(predicate)] = list(Collection(graph, value))
        else:
            row[str(predicate)] = value.toPython() if isinstance(value, Literal) else str(value)
    return row


def _listed(row: Mapping[str, Any], name: str, prefix: str = "") -> tuple[str, ...]:
    return tuple(str(item).removeprefix(prefix) for item in row.get(_OURS + name, ()))


def _word(graph: "Graph", word_id: str) -> Word:
    row = _row(graph, _WORD + word_id)
    bands: dict[str, list[Band]] = {}
    for at in row.get(f"{_OURS}bands", ()):
        band = _row(graph, at)
        source = band[f"{_DCT}source"].removeprefix(_SOURCE)
        told = Band(low_hz=band[f"{_OURS}low_hz"], high_hz=band[f"{_OURS}high_hz"], source=source)
        bands.setdefault(band[f"{_OURS}instrument"], []).append(told)
    confusions = [_row(graph, at) for at in row.get(f"{_OURS}confused_with", ())]
    return Word(
        id=word_id,
        kind=row[f"{_OURS}kind"],
        gloss=row[f"{_SKOS}definition"],
        problem=row[f"{_OURS}problem"],
        listening_only=row[f"{_OURS}listening_only"],
        confused_with=tuple(
            Confusion(id=c[f"{_OURS}with"].removeprefix(_WORD), tells_apart=c[f"{_OURS}tells_apart"])
            for c in confusions
        ),
        bands={instrument: tuple(told) for instrument, told in bands.items()},
        senses=tuple(_sense(graph, at) for at in row[f"{_OURS}senses"]),
        remedy_sources=_listed(row, "remedy_sources", _SOURCE),
        **{name: _listed(row, name) for name in _LISTED},
        **{name: _listed(row, name, _WORD) for name in _LINKED},
    )


def _sense(graph: "Graph", at: Any) -> Sense:
    row = _row(graph, at)
    effects = []
    for use in row.get(f"{_OURS}effects", ()):
        told = _row(graph, use)
        opener = f"{_OURS}value_"
        effects.append(
            Effect(
                name=told[f"{_OURS}effect"].removeprefix(_EFFECT),
                values={key.removeprefix(opener): value for key, value in told.items() if key.startswith(opener)},
                sources=_listed(told, "sources", _SOURCE),
                **{name: told[_OURS + name] for name in _EFFECT_FIELDS if _OURS + name in told},
            )
        )
    return Sense(
        eq_db=tuple(float(db) for db in row[f"{_OURS}eq_db"].split()),
        effects=tuple(effects),
        sources=_listed(row, "sources", _SOURCE),
        shrunk_towards=_listed(row, "shrunk_towards"),
        **{name: row[_OURS + name] for name in _SENSE if _OURS + name in row},
    )


def _numbers(values: Iterable[float]) -> str:
    return " ".join(f"{value:g}" for value in values)
