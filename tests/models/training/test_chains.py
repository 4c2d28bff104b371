import numpy as np
import pytest
import torch

from console.errors import AudioShapeError, ModelError, ParameterError
from console.loudness import integrated_lufs
from console.parameters import check_value
from models.training import EFFECTS, Chain, draw_chain, draw_human_chain, read_human_settings, render_chains
from models.training.chains import to_loudness

RATE = 44100


@pytest.fixture(scope="module")
def audio():
    time_s = torch.arange(RATE) / RATE
    generator = torch.Generator().manual_seed(0)
    beat = torch.exp(-(time_s % 0.25) * 20)
    sound = beat * (torch.sin(2 * torch.pi * 220 * time_s) + 0.3 * torch.randn(2, RATE, generator=generator))
    return to_loudness(sound[None], RATE)


@pytest.mark.parametrize("effect", EFFECTS)
def test_every_effect_is_heard_and_grows_from_nothing(effect, audio):
    generator = np.random.default_rng(5)
    for _ in range(3):
        chain = draw_chain(generator, 1, [effect])
        steps = [chain.scaled(strength) for strength in (0.0, 0.25, 1.0)]
        none, weak, whole = (render_chains(audio, RATE, [step]) - audio for step in steps)
        assert torch.equal(none, torch.zeros_like(none))
        assert whole.abs().max() > 1e-3
        assert weak.square().sum() < whole.square().sum()


def test_knobs_stand_inside_the_console():
    generator = np.random.default_rng(1)
    for count in (1, 2, 3, len(EFFECTS)):
        for _ in range(50):
            chain = draw_chain(generator, count)
            assert len(chain.effects) == count
            assert list(chain.effects) == sorted(chain.effects, key=EFFECTS.index)
            for name, value in {**chain.values, **chain.reverb, **chain.delay}.items():
                check_value(name, value)


def test_a_batch_equals_its_items(audio):
    generator = np.random.default_rng(2)
    chains = [draw_chain(generator, count) for count in (1, 2, 3, 4, 5, 2)] + [Chain()]
    batch = audio.repeat(len(chains), 1, 1)
    together = render_chains(batch, RATE, chains)
    assert together.shape == batch.shape
    for index, chain in enumerate(chains):
        assert torch.allclose(together[index], render_chains(audio, RATE, [chain])[0], atol=2e-5)
    assert torch.equal(together[-1], audio[0])


def test_the_same_seed_draws_the_same_chain():
    first, again, other = (draw_chain(np.random.default_rng(seed), 3) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_widening_reaches_mono_and_sums_to_the_dry_sound(audio):
    mono = audio.mean(dim=1, keepdim=True).repeat(1, 2, 1)
    wide = render_chains(mono, RATE, [Chain(("width",), spread=0.5)])
    assert (wide[:, 0] - wide[:, 1]).abs().max() > 0.01
    assert torch.allclose(wide.mean(dim=1), mono.mean(dim=1), atol=1e-6)


def test_gradients_reach_the_audio(audio):
    source = audio.clone().requires_grad_()
    render_chains(source, RATE, [draw_chain(np.random.default_rng(0), 5)]).square().sum().backward()
    assert source.grad is not None
    assert torch.isfinite(source.grad).all()


def test_loudness_is_set_and_silence_stays(audio):
    pair = torch.cat((0.01 * audio, torch.zeros_like(audio)))
    out = to_loudness(pair, RATE, -23.0)
    assert integrated_lufs(out[0].numpy(), RATE) == pytest.approx(-23.0, abs=0.01)
    assert torch.equal(out[1], torch.zeros_like(out[1]))


@pytest.mark.parametrize(
    ("call", "why"),
    [
        (lambda g: draw_chain(g, 0), "outside 1 to"),
        (lambda g: draw_chain(g, 2, ["eq"]), "outside 1 to 1"),
        (lambda g: draw_chain(g, 1, ["flanger"]), "No effect is called 'flanger'"),
        (lambda g: draw_chain(g, 1).scaled(1.5), "outside 0 to 1"),
    ],
)
def test_wrong_requests_are_said(call, why):
    with pytest.raises(ParameterError, match=why):
        call(np.random.default_rng(0))


def test_mono_and_miscounted_audio_is_refused(audio):
    with pytest.raises(AudioShapeError, match="chains"):
        render_chains(audio[:, :1], RATE, [Chain()])
    with pytest.raises(AudioShapeError, match="for 2 chains"):
        render_chains(audio, RATE, [Chain(), Chain()])


TABLES = {
    "safe/safe_equaliser.csv": (
        "descriptor,contributor,b1_gain_db,b1_freq_hz,b2_gain_db,b2_freq_hz,b2_q,b3_gain_db,b3_freq_hz,b3_q,"
        "b4_gain_db,b4_freq_hz,b4_q,b5_gain_db,b5_freq_hz\n"
        "made up,p1,3,100,-2,300,1,0,900,1,4,4000,2,30,9000\n"
        "test,p2,9,100,-2,300,1,0,900,1,4,4000,2,5,9000\n"
        "flat,p2,0,100,0,300,1,0,900,1,0,4000,2,0,9000\n"
    ),
    "safe/safe_compressor.csv": (
        "descriptor,contributor,threshold_db,ratio,knee_db,attack_ms,release_ms\nmade up,p1,-50,4,6,10,100\n"
    ),
    "social_comp/comp_settings.csv": "setting,threshold_db,knee_db,ratio,attack_s,release_s\n7,-100,3,40,0.01,0.2\n",
    "safe/safe_distortion.csv": "descriptor,contributor,input_gain_db,knee,bias\nmade up,p1,12,0.1,0.2\n",
    "safe/safe_reverb.csv": (
        "descriptor,contributor,damping_freq,decay,predelay,size,mix\nmade up,p1,0.5,0.5,0.3,0.5,0.5\n"
    ),
    "social_reverb/reverb_settings.csv": ("setting,p_f_cutoff_hz,calc_m1_rt60_s,calc_m3_clarity_db\n3,4000,1.5,6\n"),
}


@pytest.fixture
def people(tmp_path):
    for name, text in TABLES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_human_settings_become_chains(people, audio):
    settings = read_human_settings(people)
    assert {effect: len(chains) for effect, chains in settings.chains.items()} == {
        "eq": 1,
        "compressor": 2,
        "saturation": 1,
        "reverb": 2,
    }
    eq = settings.chains["eq"][0].values
    assert eq["eq.low_shelf_gain_db"] == 3.0
    assert eq["eq.bell_3_q"] == 2.0
    assert eq["eq.high_shelf_gain_db"] == 18.0, "clipped to the console's range"
    first, second = (chain.values for chain in settings.chains["compressor"])
    assert first["compressor.threshold_db"] == -35.0
    assert second["compressor.threshold_db"] == -50.0
    assert second["compressor.ratio"] == 20.0
    assert second["compressor.release_ms"] == 200.0
    assert settings.chains["saturation"][0].values["saturation.type"] == "clip"
    assert settings.chains["reverb"][1].reverb["reverb.decay_s"] == 1.5
    chain = draw_human_chain(np.random.default_rng(0), settings, n_effects=4)
    assert set(chain.effects) == {"eq", "compressor", "saturation", "reverb"}
    assert torch.isfinite(render_chains(audio, RATE, [chain])).all()


def test_missing_or_other_tables_are_said(people):
    (people / "safe/safe_reverb.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ModelError, match="other columns"):
        read_human_settings(people)
    (people / "safe/safe_reverb.csv").unlink()
    with pytest.raises(ModelError, match="is missing"):
        read_human_settings(people)
