import csv
import json

import numpy as np
import pytest

from console.errors import ModelError
from models.training.corpus import INDEX_COLUMNS, open_corpus


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "clips").mkdir()
    np.save(tmp_path / "clips/a.npy", np.arange(5 * 2 * 8, dtype=np.int16).reshape(5, 2, 8))
    (tmp_path / "corpus.json").write_text(json.dumps({"version": 1, "sample_rate": 44100, "clip_samples": 8}))
    with (tmp_path / "index.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(INDEX_COLUMNS)
        for row in range(5):
            split = "test" if row == 4 else "train"
            writer.writerow([f"a/{row}", "clips/a.npy", row, "p", split, "stem", "", "s", 0.5, 44100, "", "CC0"])
    return tmp_path


def test_clips_are_selected_and_read(folder):
    corpus = open_corpus(folder)
    assert [clip.row for clip in corpus.select("test")] == [4]
    assert corpus.select("test", "voice") == []
    audio = corpus.read(corpus.clips[1])
    assert audio.shape == (2, 8)
    assert audio[0, 0] == np.float32(16 / 32767)


def test_batches_visit_every_clip_once(folder):
    corpus = open_corpus(folder)
    seen = []
    for clips, audio in corpus.batches(corpus.clips, 2, np.random.default_rng(0)):
        assert audio.shape == (2, 2, 8)
        seen += [clip.clip for clip in clips]
    assert len(seen) == len(set(seen)) == 4


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda f: (f / "index.csv").unlink(), "holds no corpus"),
        (lambda f: (f / "corpus.json").write_text("{"), "is damaged"),
        (lambda f: (f / "corpus.json").write_text(json.dumps({"version": 9, "sample_rate": 44100})), "another version"),
        (lambda f: (f / "index.csv").write_text("clip\nx\n"), "is damaged"),
    ],
)
def test_a_damaged_corpus_is_refused(damage, why, folder):
    damage(folder)
    with pytest.raises(ModelError, match=why):
        open_corpus(folder)


def test_a_shard_of_another_shape_is_refused(folder):
    np.save(folder / "clips/a.npy", np.zeros((5, 2, 9), np.int16))
    corpus = open_corpus(folder)
    with pytest.raises(ModelError, match="Build the corpus again"):
        corpus.read(corpus.clips[0])
