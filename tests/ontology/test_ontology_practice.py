"""Processors, platforms and conventions are loaded typed, frozen and checked."""

import pytest
from pydantic import ValidationError

from console.errors import OntologyError
from ontology import EFFECT_RANGES, load_ontology, load_practice
from ontology.language import load_language
from ontology.practice import DATA_DIR

PRACTICE = load_practice()


def test_every_processor_of_the_words_is_described_with_all_its_terms():
    assert set(PRACTICE.effects) == {*EFFECT_RANGES, "eq"}
    for name, ranges in EFFECT_RANGES.items():
        assert set(PRACTICE.effects[name].terms) == set(ranges)


@pytest.mark.parametrize(("name", "loudness_lufs"), [("Spotify", -14), ("itunes", -16), ("deezer", -15), ("tv", -23)])
def test_platforms_are_found_by_any_name_with_the_date_of_the_figure(name, loudness_lufs):
    platform = PRACTICE.platform(name)
    assert platform.loudness_lufs == loudness_lufs
    assert platform.true_peak_dbtp <= -1
    assert platform.as_of.startswith("20")
    assert platform.source


def test_an_unknown_platform_is_none():
    assert PRACTICE.platform("myspace") is None


def test_the_grammar_and_the_table_agree_on_loudness():
    spoken = {name: lufs for name, lufs in load_language().platforms.items() if name != "checked"}
    known = {name: PRACTICE.platform(name) for name in spoken}
    assert {n: p.loudness_lufs for n, p in known.items() if p} == {n: spoken[n] for n, p in known.items() if p}
    assert sum(platform is not None for platform in known.values()) >= 7


def test_no_two_platforms_share_a_name():
    names = [label for platform in PRACTICE.platforms.values() for label in platform.labels]
    assert len(names) == len(set(names))


def test_conventions_are_about_parts_that_exist_and_cite_sources_that_exist():
    parts, sources = load_language().parts, load_ontology().sources
    for convention in PRACTICE.conventions.values():
        assert set(convention.parts) <= {*parts, "mix"}
        assert set(convention.sources) <= set(sources)
        assert convention.unless  # a preference, never a law


def test_who_sits_in_the_centre():
    about = {c.about: c for c in PRACTICE.conventions_of("kick")}
    assert about["pan"].value == (0, 0)


def test_entries_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        PRACTICE.platforms["spotify"].loudness_lufs = -8


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("platforms.yaml", "x: {name: X}", "platforms.yaml is damaged"),
        ("conventions.yaml", "- 3", "conventions.yaml is damaged"),
        ("effects.yaml", "x: [", "effects.yaml is damaged"),
        ("effects.yaml", None, "effects.yaml is missing"),
    ],
)
def test_damaged_tables_say_which(tmp_path, file, text, message):
    for name in ("effects.yaml", "platforms.yaml", "conventions.yaml"):
        (tmp_path / name).write_text((DATA_DIR / name).read_text(encoding="utf-8"), encoding="utf-8")
    if text is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(OntologyError, match=message):
        load_practice(tmp_path)
