"""Rendering in blocks gives the very audio of one call: any block size, any settings, constant memory."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import Tensor

from console.desk import Mix, mix
from console.errors import AudioShapeError
from console.parameters import PROCESSORS, specs_of
from console.render import BLOCK_SAMPLES, render, render_blocks
from console.settings import Settings

NAMES = ["Vox", "Kick", "Gtr"]
ROUTING = {"Kick": "drums"}


def song(samples: int, level: float = 0.3) -> dict[str, Tensor]:
    tracks = {}
    for index, name in enumerate(NAMES):
        generator = torch.Generator().manual_seed(index)
        noise = 2 * torch.rand((2 if index else 1, samples), generator=generator) - 1
        tracks[name] = level * noise * (0.03 + (torch.sin(torch.arange(samples) / (200 + 90 * index)) > 0))
    return tracks


def zoo(seed: int) -> Settings:
    """Settings drawn from the table: a third of all knobs stand somewhere, switches and choices too."""
    rng = np.random.default_rng(seed)
    settings = Settings.neutral(NAMES, ROUTING)
    changes: dict[tuple[str, str], float | str] = {}
    for address in settings.addresses():
        kind = "group" if address.startswith("group:") else "track" if address in NAMES else address
        for entry in specs_of(kind):
            if rng.uniform() > 1 / 3 or entry.name == "fader.mute":
                continue
            if entry.kind == "choice":
                changes[address, entry.name] = entry.choices[rng.integers(len(entry.choices))]
            elif entry.kind == "switch":
                changes[address, entry.name] = float(rng.integers(2))
            elif entry.name in ("trim.gain_db", "limiter.gain_db", "compressor.makeup_db", "saturation.output_db"):
                changes[address, entry.name] = float(rng.uniform(-3, 3))
            else:
                changes[address, entry.name] = entry.clip(entry.denormalise(rng.uniform(0.1, 0.8)))
    changes["reverb", "reverb.decay_s"] = 0.2
    return settings.turned(changes)


def everything() -> Settings:
    """Every processor of every channel in use."""
    changes: dict[tuple[str, str], float | str] = {("master", "limiter.on"): 1.0, ("master", "limiter.gain_db"): 9.0}
    working = {
        "highpass.on": 1.0,
        "highpass.slope_db_per_octave": "24",
        "lowpass.on": 1.0,
        "eq.bell_2_gain_db": 4.0,
        "eq.high_shelf_gain_db": -3.0,
        "gate.ratio": 2.0,
        "gate.threshold_db": -30.0,
        "deesser.ratio": 3.0,
        "compressor.ratio": 4.0,
        "compressor.sidechain_highpass_hz": 90.0,
        "saturation.mix": 0.5,
        "saturation.type": "tube",
        "stereo.width": 1.4,
        "stereo.mono_below_hz": 120.0,
        "stereo.pan": -0.3,
        "send.reverb_db": -6.0,
        "send.delay_db": -9.0,
    }
    for address, kind in (("Vox", "track"), ("Gtr", "track"), ("group:drums", "group"), ("master", "master")):
        for name, value in working.items():
            if name.split(".")[0] in PROCESSORS[kind]:
                changes[address, name] = value
    changes["reverb", "reverb.decay_s"] = 0.15
    changes["delay", "delay.time_ms"] = 30.0
    return Settings.neutral(NAMES, ROUTING).turned(changes)


def assert_same(found: Mix, wanted: Mix, tolerance: float = 1e-6) -> None:
    assert list(found.tracks) == list(wanted.tracks)
    assert found.groups.keys() == wanted.groups.keys()
    assert found.buses.keys() == wanted.buses.keys()
    pairs = [(found.master, wanted.master)]
    for kind in ("tracks", "groups", "buses"):
        one, other = getattr(found, kind), getattr(wanted, kind)
        pairs += [(one[name], other[name]) for name in other]
    for one, other in pairs:
        assert one.shape == other.shape
        assert float((one - other).abs().max()) <= tolerance * max(1.0, float(other.abs().max()))


SAMPLES = 5_003


@pytest.fixture(scope="module")
def one_shot() -> Mix:
    return mix(song(SAMPLES), everything(), 44_100)


@pytest.mark.parametrize("block_samples", [63, 64, 104, 255, 256, 257, 512, 1_000, 4_999, SAMPLES, 1 << 17])
def test_block_size_does_not_matter_with_everything_on(block_samples: int, one_shot: Mix) -> None:
    assert_same(render(song(SAMPLES), everything(), 44_100, block_samples), one_shot)


def test_blocks_of_one_sample_give_the_same() -> None:
    tracks = song(40)
    assert_same(render(tracks, everything(), 44_100, block_samples=1), mix(tracks, everything(), 44_100))


@pytest.mark.parametrize("samples", [1, 2, 31, 64, 150])
def test_songs_shorter_than_what_the_console_looks_ahead(samples: int) -> None:
    tracks = song(samples)
    for block_samples in (33, BLOCK_SAMPLES):
        assert_same(render(tracks, everything(), 44_100, block_samples), mix(tracks, everything(), 44_100))


@pytest.mark.parametrize("seed", range(8))
def test_settings_drawn_from_the_table_render_as_one_shot(seed: int) -> None:
    tracks, settings = song(3_001), zoo(seed)
    sample_rate = (22_050, 44_100, 48_000, 96_000)[seed % 4]
    wanted = mix(tracks, settings, sample_rate)
    for block_samples in (257, 1_024):
        assert_same(render(tracks, settings, sample_rate, block_samples), wanted)


def test_neutral_render_is_bit_exact() -> None:
    tracks, settings = song(3_001), Settings.neutral(NAMES, ROUTING)
    rendered, wanted = render(tracks, settings, 44_100, 500), mix(tracks, settings, 44_100)
    assert torch.equal(rendered.master, wanted.master)
    for name in NAMES:
        assert torch.equal(rendered.tracks[name], tracks[name].expand(2, -1))


@pytest.mark.parametrize("block_samples", [300, BLOCK_SAMPLES])
def test_tail_lets_reverb_and_delay_ring_on(block_samples: int) -> None:
    """As if silence followed the song."""
    tracks, settings, tail = song(2_000), everything(), 6_000
    padded = {name: torch.nn.functional.pad(audio, (0, tail)) for name, audio in tracks.items()}
    rendered = render(tracks, settings, 44_100, block_samples, tail_samples=tail)
    assert rendered.master.shape == (2, 8_000)
    assert_same(rendered, mix(padded, settings, 44_100))
    assert float(rendered.buses["reverb"][:, 3_000:].abs().max()) > 1e-3


@pytest.mark.parametrize("block_samples", [177, 1_000, BLOCK_SAMPLES])
def test_progress_rises_to_exactly_one(block_samples: int) -> None:
    told: list[float] = []
    render(song(3_000), everything(), 44_100, block_samples, told.append, tail_samples=500)
    assert told == sorted(told)
    assert all(0 < share <= 1 for share in told)
    assert told[-1] == 1.0


def test_render_is_repeatable_and_writes_nothing_it_was_given() -> None:
    tracks = song(3_000)
    kept = {name: audio.clone() for name, audio in tracks.items()}
    first = render(tracks, everything(), 44_100, 700)
    assert torch.equal(render(tracks, everything(), 44_100, 700).master, first.master)
    assert all(torch.equal(tracks[name], kept[name]) for name in kept)


def test_blocks_come_in_order_and_reads_are_never_repeated() -> None:
    asked: list[tuple[int, int]] = []
    tracks = song(2_500)

    def read(start: int, stop: int) -> dict[str, Tensor]:
        asked.append((start, stop))
        return {name: audio[:, start:stop] for name, audio in tracks.items()}

    list(render_blocks(read, 2_500, everything(), 44_100, 400))
    ends = [stop for _, stop in asked]
    assert [start for start, _ in asked] == [0, *ends[:-1]]
    assert ends[-1] == 2_500


def test_the_caller_s_gradient_mode_is_left_alone_between_blocks() -> None:
    tracks = song(1_000)
    blocks = render_blocks(
        lambda start, stop: {name: audio[:, start:stop] for name, audio in tracks.items()},
        1_000,
        everything(),
        44_100,
        300,
    )
    next(blocks)
    assert torch.is_grad_enabled()
    blocks.close()
    assert torch.is_grad_enabled()


def test_render_keeps_no_graph_even_where_tracks_want_gradients() -> None:
    tracks = {name: audio.requires_grad_() for name, audio in song(1_000).items()}
    assert not render(tracks, everything(), 44_100, 300).master.requires_grad


def held_bytes(memory: object) -> int:
    """Bytes of all arrays and tensors inside a stream's memory."""
    if isinstance(memory, dict):
        return sum(held_bytes(value) for value in memory.values())
    if isinstance(memory, tuple):
        return sum(held_bytes(value) for value in memory)
    if isinstance(memory, Tensor):
        return memory.untyped_storage().nbytes()
    return memory.nbytes if isinstance(memory, np.ndarray) else 0


def test_a_stream_s_memory_does_not_grow() -> None:
    """Blocks of many sizes, as a player asks for them: the state held is bounded by the last two block sizes."""
    settings = everything()
    memory: dict[str, object] = {}
    sizes = []
    for size in (1_000, 37, 512, 999, 1_000, 800) * 6:
        mix(song(size), settings, 44_100, memory=memory)
        sizes.append(held_bytes(memory))
    assert max(sizes[-6:]) == max(sizes[6:12])
    assert sizes[-1] < 4_000_000


def test_an_hour_is_rendered_in_the_memory_of_a_block() -> None:
    """A song that is made as it is read: what Python holds after 40 blocks is what it held after 10."""
    settings = Settings.neutral(["Vox"]).turned(
        {("Vox", "eq.bell_1_gain_db"): 3.0, ("Vox", "send.reverb_db"): -6.0, ("master", "limiter.on"): 1.0}
    )
    block = torch.zeros(2, 4_096)
    stream = render_blocks(
        lambda start, stop: {"Vox": block[:, : stop - start]}, 3_600 * 44_100, settings, 44_100, 4_096
    )
    tracemalloc.start()
    try:
        held = []
        for _ in range(40):
            next(stream)
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
        stream.close()
    assert held[-1] < held[9] + 100_000


def test_audio_that_does_not_fit_is_refused() -> None:
    with pytest.raises(AudioShapeError, match="The audio has the tracks none"):
        render({}, everything(), 44_100)
    with pytest.raises(AudioShapeError, match="at least one sample"):
        render({name: torch.zeros(2, 0) for name in NAMES}, everything(), 44_100)


def test_render_leaves_torch_s_threads_as_they_were() -> None:
    """In the caller's thread between blocks and after, and in threads that start later."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        tracks = song(1_000)
        blocks = render_blocks(
            lambda start, stop: {name: audio[:, start:stop] for name, audio in tracks.items()},
            1_000,
            everything(),
            44_100,
            300,
        )
        next(blocks)
        assert torch.get_num_threads() == 2
        list(blocks)
        assert torch.get_num_threads() == 2
        with ThreadPoolExecutor(1) as later:
            assert later.submit(torch.get_num_threads).result() == 2
    finally:
        torch.set_num_threads(before)
