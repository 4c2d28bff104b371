"""The page of all words is complete, small, safe, and what the tables say."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ontology import BANDS_HZ, load_ontology
from ontology.page import curve_svg, words_page

ONTOLOGY = load_ontology()
COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "words.html"
PAGE = words_page(ONTOLOGY)


class Reader(HTMLParser):
    """Gathers ids, links and curves, and checks that tags close."""

    def __init__(self):
        super().__init__()
        self.ids, self.links, self.curves, self.scripts, self.open = [], [], 0, 0, []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs["href"]] if "href" in attrs else []
        self.curves += tag == "path"
        self.scripts += tag == "script"
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, _attrs):
        self.curves += tag == "path"

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def read():
    reader = Reader()
    reader.feed(PAGE)
    return reader


def test_the_committed_page_is_what_the_tables_say():
    assert COMMITTED.read_text(encoding="utf-8") == PAGE, "run: python scripts/publish_words.py"


def test_every_word_and_every_curve_is_there(read):
    assert set(ONTOLOGY) <= set(read.ids)
    assert read.curves == sum(any(sense.eq_db) for word in ONTOLOGY.values() for sense in word.senses)
    assert read.open == []


def test_links_lead_somewhere_on_the_page(read):
    assert len(read.ids) == len(set(read.ids))
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)


def test_nothing_is_fetched_and_nothing_runs(read):
    assert read.scripts == 0
    assert not re.search(r'(src|href)="(?!#)', PAGE)


def test_every_source_is_listed():
    assert all(source.full.replace("&", "&amp;").replace("'", "&#x27;") in PAGE for source in ONTOLOGY.sources.values())


def test_the_page_stays_small():
    assert len(PAGE) < 600_000


def test_a_curve_is_drawn_where_it_is():
    svg = curve_svg([0.0] * 20 + [10.0] * 20)
    points = [tuple(map(float, pair.split())) for pair in re.search(r'd="M([^"]+)"', svg).group(1).split("L")]
    assert len(points) == len(BANDS_HZ)
    assert points[0] == (0, 22)
    assert points[-1] == (160, 0)
    assert "+0.0 to +10.0 dB" in svg
