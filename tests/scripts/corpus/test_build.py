import csv
import json

import numpy as np
import pytest

from models.training.corpus import INDEX_COLUMNS, open_corpus
from scripts.build_corpus import main
from scripts.corpus.build import Plan, _fair_share, build
from scripts.corpus.fetch import fetch, licence_note
from scripts.corpus.table import CorpusError


def _samples(folder):
    return {path.name: np.load(path) for path in sorted(folder.glob("clips/*/*.npy"))}


def test_a_corpus_can_be_read_back(table, machine, tmp_path):
    build(table, None, Plan(tmp_path, clip_s=2.0), machine)
    corpus = open_corpus(tmp_path)
    assert {clip.package for clip in corpus.clips} == {"tiny-music", "tiny-voices", "tiny-soundfont"}
    assert {(clip.split, clip.kind) for clip in corpus.clips} == {
        ("train", "finished"),
        ("test", "voice"),
        ("test", "stem"),
    }
    for clip in corpus.clips:
        audio = corpus.read(clip)
        assert audio.shape == (2, 88200)
        assert audio.dtype == np.float32
        assert 0.1 < np.abs(audio).max() <= 1.0
        assert clip.licence == "CC-BY-SA-3.0"
    assert len({clip.clip for clip in corpus.clips}) == len(corpus.clips)
    with (tmp_path / "index.csv").open(newline="") as file:
        assert next(csv.reader(file)) == list(INDEX_COLUMNS)


def test_what_is_broken_low_short_or_silent_is_left_out_with_a_note(table, machine, tmp_path):
    reports = {report.package: report for report in build(table, None, Plan(tmp_path, clip_s=2.0), machine)}
    notes = dict(reports["tiny-music"].notes)
    assert "cannot be read" in notes["usr/share/music/broken.ogg"]
    assert "11025 Hz is below 32000 Hz" in notes["usr/share/music/low.wav"]
    assert "shorter than 2 s" in notes["usr/share/music/jingle.wav"]
    assert not any("silent" in clip.source for clip in reports["tiny-music"].clips)
    assert "no such package" in dict(reports["absent-music"].notes)["absent-music"]
    assert json.loads((tmp_path / "corpus.json").read_text())["notes"]["absent-music"]


def test_every_package_has_one_split(real_table, table, machine, tmp_path):
    build(table, None, Plan(tmp_path, clip_s=2.0), machine)
    splits = {}
    for clip in open_corpus(tmp_path).clips:
        assert splits.setdefault(clip.package, clip.split) == clip.split
    fonts = [row for row in real_table.packages.values() if row.soundfont]
    assert len({row.split for row in fonts}) == len(fonts), "each split plays another soundfont"


def test_the_same_seed_gives_the_same_samples(table, machine, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        build(table, ["tiny-music"], Plan(tmp_path / name, hours=0.002, clip_s=2.0, seed=seed), machine)
    first, again, other = (_samples(tmp_path / name) for name in "abc")
    assert first.keys() == again.keys()
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert first.keys() != other.keys() or any(not np.array_equal(first[name], other[name]) for name in first)


def test_a_second_run_makes_nothing_again(table, machine, tmp_path):
    plan = Plan(tmp_path, clip_s=2.0)
    build(table, ["tiny-soundfont"], plan, machine)
    index, commands = (tmp_path / "index.csv").read_bytes(), len(machine.log)
    build(table, ["tiny-soundfont"], plan, machine)
    assert len(machine.log) == commands
    assert (tmp_path / "index.csv").read_bytes() == index


def test_a_run_that_was_stopped_goes_on(table, machine, tmp_path):
    plan = Plan(tmp_path, clip_s=2.0)
    build(table, ["tiny-music"], plan, machine)
    whole = _samples(tmp_path)
    lost = sorted(tmp_path.glob("clips/tiny-music/*.json"))[0]
    lost.unlink()
    lost.with_suffix(".npy").write_bytes(b"half")
    build(table, ["tiny-music"], plan, machine)
    assert all(np.array_equal(whole[name], samples) for name, samples in _samples(tmp_path).items())


def test_packages_built_one_by_one_share_an_index(table, machine, tmp_path):
    for name in ("tiny-music", "tiny-voices"):
        build(table, [name], Plan(tmp_path, clip_s=2.0), machine)
    assert {clip.package for clip in open_corpus(tmp_path).clips} == {"tiny-music", "tiny-voices"}


def test_hours_are_kept_to(table, machine, tmp_path):
    reports = build(table, ["tiny-music"], Plan(tmp_path, hours=4 / 3600, clip_s=2.0), machine)
    assert len(reports[0].clips) == 2
    assert len({clip.source for clip in reports[0].clips}) == 2, "from as many songs as there are"


@pytest.mark.parametrize(
    ("counts", "wanted", "most"), [((5, 5, 5), 3, 1), ((5, 1, 5), 5, 2), ((2, 2), 100, 2), ((), 4, 1)]
)
def test_sources_give_evenly(counts, wanted, most):
    assert _fair_share(counts, wanted) == most


@pytest.mark.parametrize(
    "name", ["wesnoth-1.16-music", "warzone2100-music", "singularity-music", "fretsonfire-songs-muldjord"]
)
def test_packages_kept_for_judging_are_refused(name, real_table, machine, tmp_path):
    with pytest.raises(CorpusError, match="kept for judging"):
        build(real_table, [name], Plan(tmp_path), machine)
    assert machine.log == []


@pytest.mark.parametrize(("name", "why"), [("dull-music", "left out: dull"), ("no-such", "Known: tiny-music")])
def test_other_names_are_refused(name, why, table, machine, tmp_path):
    with pytest.raises(CorpusError, match=why):
        build(table, [name], Plan(tmp_path), machine)


def test_a_failed_fetch_leaves_no_tree(table, machine, tmp_path):
    with pytest.raises(CorpusError, match="no such package"):
        fetch(table.packages["absent-music"], tmp_path, machine)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_copyright_file_is_said(tmp_path):
    assert licence_note(tmp_path, "x") == "no copyright file in the package"


def test_the_command_lists_and_refuses(tmp_path, capsys):
    assert main(["--list"]) == 0
    assert "ufoai-music" in capsys.readouterr().out
    assert main(["--out", str(tmp_path / "c"), "--packages", "singularity-music"]) == 1
    assert "kept for judging" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


def test_other_clips_need_another_folder(table, machine, tmp_path, capsys):
    build(table, ["tiny-music"], Plan(tmp_path, clip_s=2.0), machine)
    assert main(["--out", str(tmp_path), "--seconds", "3"]) == 1
    assert "Use another" in capsys.readouterr().err
