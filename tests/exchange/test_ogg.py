"""Ogg pages: any changed, missing or cut byte is seen."""

import io
import itertools

import numpy as np
import pytest

from console.errors import AudioFileError
from exchange import read_audio
from exchange.ogg import find_damage


@pytest.fixture
def ogg(save, noise):
    return save("voice.ogg", noise(2, 66_150))


@pytest.fixture
def pages(ogg):
    data = ogg.read_bytes()
    starts = [at for at in range(len(data)) if data.startswith(b"OggS", at)] + [len(data)]
    return [data[a:b] for a, b in itertools.pairwise(starts)]


def damage(data):
    return find_damage(io.BytesIO(data))


def bitwise_checksum(page):
    """RFC 3533: the CRC one bit at a time, with its own field as zeros."""
    value = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
            value &= 0xFFFFFFFF
    return value


def test_a_whole_file_has_no_damage(ogg, pages):
    assert len(pages) > 3
    assert damage(ogg.read_bytes()) is None
    assert read_audio(ogg).audio.shape == (2, 66_150)


def test_checksums_agree_with_the_definition(pages):
    page = bytearray(pages[0])
    assert bitwise_checksum(page) == int.from_bytes(page[22:26], "little")
    page[30] ^= 1
    page[22:26] = bitwise_checksum(page).to_bytes(4, "little")
    assert damage(b"".join([bytes(page), *pages[1:]])) is None  # changed, but with the right checksum


def test_any_flipped_bit_is_seen(ogg):
    good = ogg.read_bytes()
    for seed in range(200):
        generator = np.random.default_rng(seed)
        data = bytearray(good)
        data[generator.integers(len(data))] ^= 1 << int(generator.integers(8))
        assert damage(bytes(data)) is not None, seed


def test_any_cut_is_seen(ogg, pages):
    good = ogg.read_bytes()
    boundaries = np.cumsum([len(page) for page in pages])[:-1]
    for cut in [1, 27, 100, len(good) // 2, len(good) - 1, *boundaries]:
        assert damage(good[:cut]).startswith(("cut short", "damaged")), cut


def test_a_missing_page_is_seen(pages):
    assert damage(b"".join(pages[:2] + pages[3:])).startswith("damaged: pages are missing before byte")


def test_bytes_after_the_end_do_not_count(ogg):
    assert damage(ogg.read_bytes() + b"TAG" + bytes(125)) is None


def test_a_second_stream_behind_the_first_is_read_too(ogg, pages):
    good = ogg.read_bytes()
    assert damage(good + good) is None
    assert damage(good + good[:-10]).startswith("cut short")
    assert len(pages) > 3


def test_the_sentence_names_the_file(ogg):
    data = bytearray(ogg.read_bytes())
    data[len(data) // 2] ^= 0xFF
    ogg.write_bytes(data)
    with pytest.raises(AudioFileError, match=r"^voice\.ogg is damaged: the checksum of the page at byte [\d,]+ is"):
        read_audio(ogg)
