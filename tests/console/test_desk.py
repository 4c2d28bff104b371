"""The whole console: neutrality, routing, sends, mute, and a gradient from the master back to any knob."""

import pytest
import torch
from torch import Tensor

from console.desk import Mix, check_tracks, latency, mix
from console.errors import AudioShapeError, ParameterError
from console.limiter import latency as limiter_latency
from console.limiter import limiter
from console.parameters import PROCESSORS, specs_of
from console.recursions import HALF
from console.settings import Settings
from console.space import delay, reverb
from console.strip import strip

DB = torch.float64
NAMES = ["Lead Vox", "Kick In", "Snare", "Keys"]
ROUTING = {"Kick In": "drums", "Snare": "drums"}


def song(samples: int = 3_000, dtype: torch.dtype = DB) -> dict[str, Tensor]:
    """Four tracks of noise in bursts, the first and the second mono."""
    tracks = {}
    for index, name in enumerate(NAMES):
        generator = torch.Generator().manual_seed(index)
        noise = 2 * torch.rand((1 if index < 2 else 2, samples), generator=generator, dtype=DB) - 1
        bursts = 0.02 + 0.4 * (torch.sin(torch.arange(samples) / (90 + 40 * index)) > 0)
        tracks[name] = (noise * bursts).to(dtype)
    return tracks


def neutral() -> Settings:
    return Settings.neutral(NAMES, ROUTING)


def everything() -> Settings:
    """Every processor on, somewhere."""
    strip_on = {
        "highpass.on": 1.0,
        "lowpass.on": 1.0,
        "eq.low_shelf_gain_db": 3.0,
        "eq.bell_1_gain_db": -4.0,
        "eq.bell_2_gain_db": 2.0,
        "eq.bell_3_gain_db": 3.0,
        "eq.bell_4_gain_db": -2.0,
        "eq.high_shelf_gain_db": 4.0,
        "gate.ratio": 2.0,
        "gate.threshold_db": -25.0,
        "deesser.ratio": 3.0,
        "deesser.threshold_db": -35.0,
        "compressor.ratio": 3.0,
        "compressor.threshold_db": -28.0,
        "compressor.sidechain_highpass_hz": 100.0,
        "compressor.mix": 0.8,
        "saturation.mix": 0.4,
        "saturation.drive_db": 10.0,
        "stereo.width": 1.2,
        "stereo.mono_below_hz": 130.0,
        "stereo.pan": 0.2,
        "fader.gain_db": -2.0,
        "send.reverb_db": -9.0,
        "send.delay_db": -11.0,
    }
    turned = {}
    for address in ("Keys", "group:drums", "master"):
        kind = {"Keys": "track", "master": "master"}.get(address, "group")
        for name, value in strip_on.items():
            if name.split(".")[0] in PROCESSORS[kind]:
                turned[address, name] = value
    turned["Snare", "send.reverb_db"] = -6.0
    turned["master", "limiter.on"] = 1.0
    turned["master", "limiter.gain_db"] = 12.0
    turned["reverb", "reverb.decay_s"] = 0.1234
    turned["reverb", "reverb.predelay_ms"] = 2.0
    turned["delay", "delay.time_ms"] = 11.0
    turned["delay", "delay.ping_pong"] = 0.6
    return neutral().turned(turned)


def parts(mixed: Mix) -> dict[str, Tensor]:
    return {"master": mixed.master, **mixed.tracks, **{f"group:{name}": a for name, a in mixed.groups.items()}} | {
        f"bus:{name}": audio for name, audio in mixed.buses.items()
    }


@pytest.mark.parametrize("samples", [1, 255, 2_001])
def test_one_neutral_stereo_track_comes_out_bit_by_bit(samples: int) -> None:
    audio = song(samples, torch.float32)["Keys"]
    mixed = mix({"Keys": audio}, Settings.neutral(["Keys"]), 44_100)
    assert torch.equal(mixed.master, audio)
    assert torch.equal(mixed.tracks["Keys"], audio)
    assert not mixed.buses
    grouped = mix({"Keys": audio}, Settings.neutral(["Keys"], {"Keys": "keys"}), 44_100)
    assert torch.equal(grouped.master, audio)


def test_neutral_desk_is_the_plain_sum() -> None:
    tracks = song()
    mixed = mix(tracks, neutral(), 44_100)
    stereo = {name: audio.expand(2, -1) for name, audio in tracks.items()}
    for name in NAMES:
        assert torch.equal(mixed.tracks[name], stereo[name])
    assert torch.equal(mixed.groups["drums"], stereo["Kick In"] + stereo["Snare"])
    torch.testing.assert_close(mixed.master, sum(stereo.values()), rtol=0, atol=1e-15)


def test_order_of_the_tracks_does_not_matter() -> None:
    tracks = song()
    turned = dict(reversed(tracks.items()))
    assert torch.equal(mix(turned, everything(), 44_100).master, mix(tracks, everything(), 44_100).master)
    assert list(mix(turned, neutral(), 44_100).tracks) == NAMES


def test_desk_is_strips_into_groups_and_buses_into_the_master() -> None:
    """Against the parts called by hand; nothing here looks ahead, so nothing is padded."""
    settings = everything().turned(
        {
            ("Keys", "saturation.mix"): 0.0,
            ("group:drums", "saturation.mix"): 0.0,
            ("master", "saturation.mix"): 0.0,
            ("master", "limiter.on"): 0.0,
        }
    )
    tracks = song()
    mixed = mix(tracks, settings, 44_100)
    strips = {name: strip(audio[None], 44_100, settings.channel(name)) for name, audio in tracks.items()}
    drums = strip(strips["Kick In"] + strips["Snare"], 44_100, settings.channel("group:drums"))

    def level(send_db: float) -> float:
        return 10 ** (send_db / 20) - 1e-3

    room = reverb(
        strips["Keys"] * level(-9) + drums * level(-9) + strips["Snare"] * level(-6),
        44_100,
        decay_s=0.1234,
        predelay_ms=2.0,
    )
    repeats = delay(strips["Keys"] * level(-11) + drums * level(-11), 44_100, time_ms=11.0, ping_pong=0.6)
    summed = strips["Lead Vox"] + strips["Keys"] + drums + room + repeats
    wanted = strip(summed, 44_100, settings.channel("master"))
    found = parts(mixed)
    for name, audio in {
        **strips,
        "group:drums": drums,
        "bus:reverb": room,
        "bus:delay": repeats,
        "master": wanted,
    }.items():
        torch.testing.assert_close(found[name], audio[0], rtol=0, atol=1e-12)


def test_limiter_comes_last_and_holds_the_master_only() -> None:
    settings = neutral().turned({("master", "limiter.on"): 1.0, ("master", "limiter.gain_db"): 20.0})
    tracks = song()
    mixed = mix(tracks, settings, 44_100)
    plain = mix(tracks, neutral(), 44_100)
    wanted = limiter(plain.master[None], 44_100, gain_db=20.0)[0]
    torch.testing.assert_close(mixed.master, wanted, rtol=0, atol=1e-12)
    assert float(mixed.master.abs().max()) <= 10 ** (-1 / 20)
    for name in NAMES:
        assert torch.equal(mixed.tracks[name], plain.tracks[name])


def test_every_part_has_the_tracks_length_and_type() -> None:
    for samples in (1, 300, 2_001):
        for dtype in (torch.float32, DB):
            for name, audio in parts(mix(song(samples, dtype), everything(), 44_100)).items():
                assert audio.shape == (2, samples), name
                assert audio.dtype == dtype, name
                assert torch.isfinite(audio).all(), name


def test_a_knob_of_one_track_leaves_the_others_bit_identical() -> None:
    tracks = song()
    before = mix(tracks, everything(), 44_100)
    after = mix(tracks, everything().turned({("Lead Vox", "eq.bell_3_gain_db"): 6.0}), 44_100)
    for name in NAMES[1:]:
        assert torch.equal(after.tracks[name], before.tracks[name])
    assert torch.equal(after.groups["drums"], before.groups["drums"])
    assert not torch.equal(after.tracks["Lead Vox"], before.tracks["Lead Vox"])
    assert not torch.equal(after.master, before.master)


def test_sends_that_are_off_send_exactly_nothing() -> None:
    quiet = neutral().turned({("reverb", "reverb.return_db"): 12.0, ("delay", "delay.return_db"): 12.0})
    assert not mix(song(), quiet, 44_100).buses
    assert torch.equal(mix(song(), quiet, 44_100).master, mix(song(), neutral(), 44_100).master)
    muted = neutral().turned({("Snare", "fader.mute"): 1.0, ("Snare", "send.reverb_db"): 0.0})
    mixed = mix(song(), muted, 44_100)
    assert not mixed.buses["reverb"].any(), "sends are after the fader: a muted track sends silence"


def test_mute_silences_a_track_a_group_and_the_master() -> None:
    tracks = song()
    without = mix({**tracks, "Snare": tracks["Snare"] * 0}, neutral(), 44_100)
    muted = mix(tracks, neutral().turned({("Snare", "fader.mute"): 1.0}), 44_100)
    assert not muted.tracks["Snare"].any()
    assert torch.equal(muted.master, without.master)
    assert not mix(tracks, neutral().turned({("group:drums", "fader.mute"): 1.0}), 44_100).groups["drums"].any()
    assert not mix(tracks, neutral().turned({("master", "fader.mute"): 1.0}), 44_100).master.any()


def test_routing_moves_a_track_into_its_group() -> None:
    tracks = song()
    settings = neutral().turned({("group:drums", "trim.gain_db"): -12.0})
    mixed = mix(tracks, settings, 44_100)
    stereo = {name: audio.expand(2, -1) for name, audio in tracks.items()}
    wanted = (stereo["Kick In"] + stereo["Snare"]) * 10 ** (-12 / 20)
    torch.testing.assert_close(mixed.groups["drums"], wanted, rtol=1e-14, atol=0)
    torch.testing.assert_close(mixed.master, wanted + stereo["Lead Vox"] + stereo["Keys"], rtol=0, atol=1e-14)


def test_a_group_without_tracks_is_silent_and_harmless() -> None:
    empty = Settings(tracks={"Keys": {}}, groups={"drums": {"saturation.mix": 1.0, "send.reverb_db": 0.0}})
    audio = song()["Keys"]
    mixed = mix({"Keys": audio}, empty, 44_100)
    torch.testing.assert_close(mixed.master, audio, rtol=0, atol=0)
    assert not mixed.groups


@pytest.mark.parametrize("name", ["direct", "limiter", "reverb tracks", "aligned Keys", "strip master", "group", "歌"])
def test_a_track_may_have_any_name(name: str) -> None:
    """In a stream too, where every stage keeps its past under a name."""
    tracks = {name: song()["Lead Vox"], "Keys": song()["Keys"]}
    plain = {"a": song()["Lead Vox"], "Keys": song()["Keys"]}
    turned = {"Keys": "eq.bell_1_gain_db", "direct": "saturation.mix"}

    def settings(track: str) -> Settings:
        return Settings.neutral([track, "Keys"], {"Keys": "g"}).turned(
            {
                (track, "highpass.on"): 1.0,
                (track, "send.reverb_db"): 0.0,
                ("Keys", turned["Keys"]): 3.0,
                ("Keys", "saturation.mix"): 0.5,
                ("group:g", "saturation.mix"): 0.5,
                ("master", "highpass.on"): 1.0,
                ("master", "limiter.on"): 1.0,
            }
        )

    memory_of_any, memory_of_plain = {}, {}
    for block in range(3):
        cut = slice(1_000 * block, 1_000 * block + 1_000)
        any_name = mix({k: a[:, cut] for k, a in tracks.items()}, settings(name), 44_100, memory=memory_of_any)
        plain_name = mix({k: a[:, cut] for k, a in plain.items()}, settings("a"), 44_100, memory=memory_of_plain)
        assert torch.equal(any_name.master, plain_name.master)


def test_latency_counts_the_stages_in_use() -> None:
    settings = neutral()
    assert latency(settings, 44_100) == 0
    for address, parameter, added in (
        ("Keys", "saturation.mix", HALF),
        ("Snare", "saturation.mix", 0),
        ("group:drums", "saturation.mix", HALF),
        ("master", "saturation.mix", HALF),
        ("master", "limiter.on", limiter_latency(44_100)),
    ):
        before = latency(settings, 44_100)
        settings = settings.turned({(address, parameter): 1.0})
        assert latency(settings, 44_100) == before + added


def test_same_call_twice_is_equal_and_the_tracks_are_not_written() -> None:
    tracks = song(dtype=torch.float32)
    kept = {name: audio.clone() for name, audio in tracks.items()}
    first = parts(mix(tracks, everything(), 44_100))
    second = parts(mix(tracks, everything(), 44_100))
    for name, audio in first.items():
        assert torch.equal(second[name], audio), name
    for name, audio in kept.items():
        assert torch.equal(tracks[name], audio), name


def kinds() -> list[tuple[str, str]]:
    """Every numeric knob of the console once: (address, parameter)."""
    addresses = {"track": "Keys", "group": "group:drums"}
    return [
        (addresses.get(kind, kind), entry.name)
        for kind in PROCESSORS
        for entry in specs_of(kind)
        if entry.kind == "number"
    ]


def test_gradient_reaches_every_knob_of_the_console_from_the_master() -> None:
    """Through groups, sends, reverb, delay, saturation and limiter at once, against central differences."""
    tracks = song(1_500)
    settings = everything()
    specs = {entry.name: entry for kind in PROCESSORS for entry in specs_of(kind)}
    knobs = {key: torch.tensor([settings.number(*key)], dtype=DB, requires_grad=True) for key in kinds()}
    weights = torch.randn((2, 1_500), generator=torch.Generator().manual_seed(1), dtype=DB)

    def loss(overrides: dict[tuple[str, str], Tensor]) -> Tensor:
        return (mix(tracks, settings, 44_100, overrides).master * weights).sum()

    gradients = dict(zip(knobs, torch.autograd.grad(loss(knobs), list(knobs.values())), strict=True))
    still = {key: knob.detach() for key, knob in knobs.items()}
    for key, gradient in gradients.items():
        entry = specs[key[1]]
        step = 3e-7 * ((entry.high - entry.low) if entry.curve == "linear" else float(still[key]))
        ends = [float(loss({**still, key: still[key] + sign * step})) for sign in (1, -1)]
        wanted = (ends[0] - ends[1]) / (2 * step)
        assert wanted != 0.0, f"{key} does nothing"
        assert gradient.item() == pytest.approx(wanted, rel=2e-4, abs=1e-4), key


def test_overrides_give_what_the_same_settings_give() -> None:
    tracks = song()
    settings = everything()
    overrides = {key: torch.tensor([settings.number(*key)], dtype=DB) for key in kinds()}
    by_override = mix(tracks, settings, 44_100, overrides)
    torch.testing.assert_close(by_override.master, mix(tracks, settings, 44_100).master, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("address", "parameter", "message"),
    [
        ("Bass", "trim.gain_db", "No channel is called 'Bass'. Channels: Lead Vox, Kick In"),
        ("group:keys", "trim.gain_db", "No channel is called 'group:keys'"),
        ("Keys", "trim.gain", "No console parameter is called 'trim.gain'"),
        ("Keys", "limiter.gain_db", r"'Keys' has no limiter\.gain_db\. Use one of its own knobs\."),
        ("master", "gate.ratio", r"'master' has no gate\.ratio"),
        ("reverb", "delay.feedback", r"'reverb' has no delay\.feedback"),
    ],
)
def test_override_of_a_knob_that_does_not_exist_is_refused(address: str, parameter: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        mix(song(), neutral(), 44_100, {(address, parameter): torch.tensor([1.0])})


def test_override_out_of_range_is_refused() -> None:
    with pytest.raises(ParameterError, match=r"fader\.gain_db=50 dB is outside -90 to 12 dB"):
        mix(song(), neutral(), 44_100, {("Keys", "fader.gain_db"): torch.tensor([50.0])})


@pytest.mark.parametrize(
    ("tracks", "message"),
    [
        ({}, "The audio has the tracks none; the settings have Lead Vox"),
        ({"Bass": torch.zeros(2, 8)}, "The audio has the tracks Bass; the settings have Lead Vox"),
        ({**song(8), "Keys": torch.zeros(2, 9)}, r"of one length.*'Keys': \(2, 9\).*Pad the shorter ones"),
        ({**song(8), "Keys": torch.zeros(8)}, r"\(1 or 2 channels, samples\).*'Keys': \(8,\)"),
        ({**song(8), "Keys": torch.zeros(3, 8)}, r"\(1 or 2 channels, samples\).*'Keys': \(3, 8\)"),
        ({name: torch.zeros(2, 0) for name in NAMES}, "at least one sample"),
    ],
)
def test_audio_that_does_not_fit_is_refused(tracks: dict[str, Tensor], message: str) -> None:
    with pytest.raises(AudioShapeError, match=message):
        check_tracks(tracks, neutral())
    with pytest.raises(AudioShapeError, match=message):
        mix(tracks, neutral(), 44_100)
