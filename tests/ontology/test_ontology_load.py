"""Reading the tables: merging people with books, and clear errors for damaged files."""

import subprocess
import sys
import time

import pytest

from console.errors import OntologyError
from ontology import load_ontology
from ontology.load import DATA_DIR, read_literature

WORDS = """\
glassy:
  kind: tone
  gloss: Like glass.
  senses:
  - sources: [book]
    eq: [{high_shelf: 8000, db: 4}]
    effects:
      reverb: {wet: 0.2, decay_s: 2.0, sources: [book]}
      saturation: {drive_db: 3, type: tape, sources: [book]}
"""
FITTED = """\
words:
  glassy:
    effects:
      reverb: {decay_s: 3.5, people: 9, agreement: 0.4, sources: [study]}
    senses:
    - name: more above 5 kHz
      share: 0.75
      people: 12
      agreement: 0.5
      origin: both
      sources: [study, book]
      shrunk_towards: [literature]
      eq_db: [CURVE]
    - name: as a tone
      share: 0.25
      people: 4
      agreement: null
      origin: people
      sources: [study]
      tone_only: true
      eq_db: [CURVE]
""".replace("CURVE", ", ".join(["1.0"] * 40))


@pytest.fixture
def tables(tmp_path):
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "tone.yaml").write_text(WORDS)
    (tmp_path / "sources.yaml").write_text("book: [Book, A book]\nstudy: [Study, A study]\n")
    return tmp_path


def test_books_alone_make_a_sense(tables):
    (sense,) = load_ontology(tables)["glassy"].senses
    assert sense.origin == "literature"
    assert sense.people == 0
    assert sense.eq_db[-1] == pytest.approx(4, abs=0.3)
    assert sense.eq_db[0] == pytest.approx(0, abs=0.05)


def test_people_take_the_place_of_books_value_by_value(tables):
    (tables / "fitted.yaml").write_text(FITTED)
    first, second = load_ontology(tables)["glassy"].senses
    assert first.people == 12
    assert first.eq_db == (1.0,) * 40
    reverb = first.effect("reverb")
    assert reverb.values == {"wet": 0.2, "decay_s": 3.5}
    assert (reverb.origin, reverb.people, reverb.sources) == ("both", 9, ("study", "book"))
    assert first.effect("saturation").origin == "literature"
    assert first.effect("delay") is None
    assert second.effects == ()


def test_a_fit_of_processors_alone_keeps_the_books_curve(tables):
    (tables / "fitted.yaml").write_text(FITTED.split("    senses:")[0])
    (sense,) = load_ontology(tables)["glassy"].senses
    assert sense.eq_db == read_literature(tables)["glassy"].senses[0].eq_db
    assert (sense.people, sense.agreement, sense.origin) == (9, 0.4, "both")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("words/tone.yaml", "glassy: [", "tone.yaml is not valid YAML"),
        ("words/tone.yaml", "glassy: 3", "entry 'glassy' is damaged"),
        ("words/tone.yaml", WORDS.replace("kind: tone", "kind: taste"), "entry 'glassy' is damaged"),
        ("words/tone.yaml", WORDS.replace("high_shelf", "shelf_high"), "EQ move 'shelf_high' is unknown"),
        (
            "words/tone.yaml",
            WORDS.replace("{high_shelf: 8000, db: 4}", "{db: 4}"),
            "needs exactly one filter",
        ),
        ("words/more.yaml", WORDS, "'glassy' has two entries"),
        ("fitted.yaml", "words: {glassy: {senses: [{name: x}]}}", None),
        ("fitted.yaml", "words: {glassy: {senses: [{name: x, eq_db: [1]}]}}", "entry 'glassy' is damaged"),
        ("fitted.yaml", "words: {kazoo: {senses: []}}", "'kazoo' is fitted but has no entry"),
    ],
)
def test_damaged_tables_say_what_is_wrong(tables, file, text, message):
    (tables / file).write_text(text)
    if message is None:
        load_ontology(tables)
    else:
        with pytest.raises(OntologyError, match=message):
            load_ontology(tables)


def test_missing_tables_say_so(tmp_path):
    with pytest.raises(OntologyError, match="No word tables"):
        load_ontology(tmp_path)


def test_a_missing_source_table_says_so(tables):
    (tables / "sources.yaml").unlink()
    with pytest.raises(OntologyError, match=r"sources\.yaml is missing"):
        load_ontology(tables)


def test_loading_twice_is_free():
    load_ontology()
    start = time.process_time()
    assert load_ontology() is load_ontology(DATA_DIR)
    assert time.process_time() - start < 0.01


def test_a_cold_look_up_stays_light():
    code = (
        "import sys; from ontology import load_ontology; load_ontology().find('warmer');"
        "print([m for m in ('torch', 'numba', 'scipy', 'gradio', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
