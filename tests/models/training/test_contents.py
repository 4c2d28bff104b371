import csv
import json

import numpy as np
import pytest

from models.fx_encoder.front_end import WINDOW_SAMPLES
from models.training.contents import Contents
from models.training.corpus import INDEX_COLUMNS, SAMPLE_RATE, open_corpus

_HZ = {"small": 440.0, "large": 1000.0}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "clips").mkdir()
    samples = WINDOW_SAMPLES * 2
    (folder / "corpus.json").write_text(json.dumps({"version": 1, "sample_rate": 44100, "clip_samples": samples}))
    time_s = np.arange(samples) / SAMPLE_RATE
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(INDEX_COLUMNS)
        for package, count in (("small", 4), ("large", 16)):
            tone = (8000 * np.sin(2 * np.pi * _HZ[package] * time_s)).astype(np.int16)
            np.save(folder / f"clips/{package}.npy", np.broadcast_to(tone, (count, 2, samples)))
            for row in range(count):
                where = [f"clips/{package}.npy", row, package, "train", "stem", "piano", f"s{row}", 0.0, 44100, "", "x"]
                writer.writerow([f"{package}/{row}", *where])
    return open_corpus(folder)


def _peak_hz(sound):
    return float(np.argmax(np.abs(np.fft.rfft(sound))) * SAMPLE_RATE / sound.shape[-1])


def test_sources_differ_and_small_packages_are_heard_more_than_their_share(corpus):
    generator = np.random.default_rng(0)
    contents = Contents(corpus, ["train"], varied=False)
    packages = []
    for _ in range(40):
        clips, sound = contents.draw(generator, 4)
        assert len({(clip.package, clip.source) for clip in clips}) == 4
        assert sound.shape == (4, 2, WINDOW_SAMPLES)
        for clip, each in zip(clips, sound.numpy(), strict=True):
            assert _peak_hz(each[0]) == pytest.approx(_HZ[clip.package], abs=0.3)
        packages += [clip.package for clip in clips]
    assert packages.count("small") / len(packages) == pytest.approx(1 / 3, abs=0.1)  # a fifth of the clips


def test_varied_contents_play_at_other_speeds_within_five_semitones(corpus):
    generator = np.random.default_rng(1)
    drawn = [Contents(corpus, ["train"]).draw(generator, 4) for _ in range(15)]
    ratios = [
        _peak_hz(each[0]) / _HZ[clip.package]
        for clips, sound in drawn
        for clip, each in zip(clips, sound.numpy(), strict=True)
        if clip.package in _HZ
    ]
    moved = [ratio for ratio in ratios if abs(ratio - 1) > 0.005]
    assert 0.3 < len(moved) / len(ratios) < 0.85
    assert all(2 ** (-5.1 / 12) < ratio < 2 ** (5.1 / 12) for ratio in ratios)


def test_an_empty_split_is_refused(corpus):
    with pytest.raises(ValueError, match="no clips of valid"):
        Contents(corpus, ["valid"])


def test_some_varied_stems_are_synthesised_and_each_is_another(corpus):
    generator = np.random.default_rng(2)
    contents = Contents(corpus, ["train"])
    drawn = [
        (clip, each)
        for clips, sound in (contents.draw(generator, 4) for _ in range(10))
        for clip, each in zip(clips, sound.numpy(), strict=True)
        if clip.package == "synthesised"
    ]
    assert 0.15 < len(drawn) / 40 < 0.6
    assert len({clip.source for clip, _ in drawn}) == len(drawn)
    assert len({each[0, ::1000].tobytes() for _, each in drawn}) == len(drawn)
    plain = Contents(corpus, ["train"], varied=False)
    assert all(clip.package in _HZ for _ in range(10) for clip in plain.draw(generator, 4)[0])


def test_some_varied_contents_lack_their_top(corpus):
    generator = np.random.default_rng(3)
    contents = Contents(corpus, ["train"])
    tops_db = []
    for _ in range(15):
        for clip, each in zip(*contents.draw(generator, 4), strict=True):
            if clip.package == "synthesised":
                power = np.abs(np.fft.rfft(each[0])) ** 2
                tops_db.append(10 * np.log10(power[-len(power) // 5 :].sum() / power.sum() + 1e-20))
    assert min(tops_db) < -70 < max(tops_db)
