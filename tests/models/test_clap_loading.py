import json
import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from console.errors import ModelError
from models.clap import clap_available, load_clap
from models.clap.renaming import renamed


@pytest.fixture
def folder(tiny_clap, tiny_tokenizer, tmp_path):
    """Return a model folder in the hub's layout."""
    path = tmp_path / "tiny-clap"
    path.mkdir()
    model = tiny_clap()
    (path / "config.json").write_text(json.dumps(model.config.to_dict()))
    (path / "preprocessor_config.json").write_text(
        json.dumps(
            {
                "feature_size": 64,
                "fft_window_size": 1024,
                "hop_length": 480,
                "frequency_min": 50,
                "frequency_max": 14000,
                "truncation": "rand_trunc",
                "sampling_rate": 48000,
                "max_length_s": 10,
            }
        )
    )
    tiny_tokenizer(path / "tokenizer.json")
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, path / "model.safetensors")
    return path


@pytest.fixture
def checkpoint(tiny_clap, as_original, tmp_path):
    """Return a checkpoint in LAION's layout, with an optimiser's memory and a numpy score beside the weights."""
    path = tmp_path / "tiny.pt"
    content = {"epoch": 3, "top": {"score": np.float64(0.9)}, "state_dict": as_original(tiny_clap()), "optimizer": {}}
    torch.save(content, path)
    return path


@pytest.fixture
def audio():
    return 0.1 * torch.randn(1, 2, 24_000, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def wanted(tiny_clap, audio):
    from models.clap import Clap
    from models.clap.mel import MelSettings

    return Clap(tiny_clap(), MelSettings(), None, "direct").embed_audio(audio, 48000)


@pytest.mark.usefixtures("no_network")
def test_a_folder_loads_whole_and_offline(folder, audio, wanted):
    clap = load_clap(folder)
    assert clap.name == "tiny-clap"
    assert clap.dimensions == 16
    assert torch.allclose(clap.embed_audio(audio, 48000), wanted, atol=1e-6)
    assert clap.embed_text(["a warm sound"]).shape == (1, 16)


def test_the_newer_preprocessor_file_serves_too(folder, audio, wanted):
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").unlink()
    (folder / "processor_config.json").write_text(json.dumps({"feature_extractor": settings}))
    assert torch.allclose(load_clap(folder).embed_audio(audio, 48000), wanted, atol=1e-6)


def test_a_folder_with_a_pickle_loads_the_same(folder, tiny_clap, audio, wanted):
    (folder / "model.safetensors").unlink()
    torch.save(tiny_clap().state_dict(), folder / "pytorch_model.bin")
    assert torch.allclose(load_clap(folder).embed_audio(audio, 48000), wanted, atol=1e-6)


@pytest.mark.parametrize("fused", [False, True])
def test_renaming_brings_every_weight_home(tiny_clap, as_original, fused):
    model = tiny_clap(fused)
    back = renamed(as_original(model))
    constant = ("position_ids", "token_type_ids", "relative_position_index")
    home = {name: tensor for name, tensor in model.state_dict().items() if not name.endswith(constant)}
    assert back.keys() == home.keys()
    assert all(torch.equal(back[name], tensor) for name, tensor in home.items())


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.usefixtures("own_weights_folder", "no_network")
def test_an_original_checkpoint_hears_and_reads_the_same(
    tiny_clap, as_original, tiny_tokenizer, folder, audio, wanted, tmp_path, zipped
):
    path = tmp_path / "original" / "tiny.pt"
    path.parent.mkdir()
    torch.save({"state_dict": as_original(tiny_clap())}, path, _use_new_zipfile_serialization=zipped)
    tiny_tokenizer(path.parent / "tokenizer.json")
    clap = load_clap(path)
    assert clap.name == "tiny"
    assert torch.allclose(clap.embed_audio(audio, 48000), wanted, atol=1e-6)
    texts = ["a warm sound", "drums"]
    assert torch.allclose(clap.embed_text(texts), load_clap(folder).embed_text(texts), atol=1e-6)


@pytest.mark.usefixtures("own_weights_folder")
def test_a_fused_checkpoint_is_recognised(tiny_clap, as_original, audio, tmp_path):
    from models.clap import Clap
    from models.clap.mel import MelSettings

    path = tmp_path / "fused.pt"
    torch.save(as_original(tiny_clap(fused=True)), path)
    direct = Clap(tiny_clap(fused=True), MelSettings(truncation="fusion"), None, "direct")
    assert torch.allclose(load_clap(path).embed_audio(audio, 48000), direct.embed_audio(audio, 48000), atol=1e-6)


@pytest.mark.usefixtures("own_weights_folder")
def test_a_checkpoint_without_a_tokenizer_still_hears(checkpoint, audio, wanted):
    clap = load_clap(checkpoint)
    assert torch.allclose(clap.embed_audio(audio, 48000), wanted, atol=1e-6)
    assert not clap.reads_words


@pytest.mark.usefixtures("own_weights_folder", "no_network")
def test_a_hub_id_is_read_from_the_local_cache_only(folder, audio, wanted, tmp_path):
    with pytest.raises(ModelError, match="not in the Hugging Face cache"):
        load_clap("somebody/tiny-clap")
    repo = tmp_path / "hub" / "models--somebody--tiny-clap"
    (repo / "refs").mkdir(parents=True)
    (repo / "refs" / "main").write_text("0123abcd")
    (repo / "snapshots").mkdir()
    folder.rename(repo / "snapshots" / "0123abcd")
    clap = load_clap("somebody/tiny-clap")
    assert clap.name == "somebody/tiny-clap"
    assert torch.allclose(clap.embed_audio(audio, 48000), wanted, atol=1e-6)


@pytest.mark.usefixtures("own_weights_folder", "no_network")
def test_absent_weights_say_what_they_would_improve():
    assert clap_available() is None
    for name in (None, "clap-music"):
        with pytest.raises(ModelError, match=r"a second opinion.*studiospeak weights download clap-music"):
            load_clap(name)


@pytest.mark.parametrize("source", ["missing.pt", "weights/missing.pt", "a/b/c", "not here"])
def test_a_path_that_is_not_there_is_refused(source):
    with pytest.raises(ModelError, match="neither a file, a folder nor a hub id"):
        load_clap(source)


def test_an_impossible_hub_id_is_refused():
    with pytest.raises(ModelError, match="is not a hub id"):
        load_clap("some body/clap--")


class _Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('the pickle ran')",))


@pytest.mark.parametrize("writer", ["torch", "plain pickle"])
def test_a_pickle_with_code_is_refused_and_never_run(checkpoint, writer):
    content = {"state_dict": {"weight": torch.zeros(1)}, "extra": _Evil()}
    if writer == "torch":
        torch.save(content, checkpoint)
    else:
        checkpoint.write_bytes(pickle.dumps({"extra": _Evil()}))
    with pytest.raises(ModelError, match=r"tiny\.pt (holds Python objects|is corrupt)"):
        load_clap(checkpoint)


@pytest.mark.parametrize("keep", [0, 10, 1000, -1000])
def test_a_truncated_checkpoint_is_refused_by_name(checkpoint, keep):
    checkpoint.write_bytes(checkpoint.read_bytes()[:keep])
    with pytest.raises(ModelError, match=r"tiny\.pt is corrupt"):
        load_clap(checkpoint)


def test_noise_instead_of_a_checkpoint_is_refused_by_name(checkpoint):
    checkpoint.write_bytes(np.random.default_rng(0).bytes(4096))
    with pytest.raises(ModelError, match=r"tiny\.pt is corrupt"):
        load_clap(checkpoint)


@pytest.mark.parametrize("keep", [0, 7, 200, -4])
def test_truncated_safetensors_are_refused_by_name(folder, keep):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelError, match=r"model\.safetensors is corrupt"):
        load_clap(folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda w: w.pop("audio_projection.linear1.weight"), "audio_projection.linear1.weight is missing"),
        (lambda w: w.update({"logit_scale_a": torch.zeros(3)}), r"logit_scale_a is \(3,\), not \(\)"),
        (lambda w: w.update({"surprise": torch.zeros(3)}), "surprise is unknown"),
        (lambda w: w["text_projection.linear2.bias"].fill_(float("nan")), "linear2.bias holds infinities or NaN"),
    ],
)
def test_weights_that_do_not_fit_are_refused_by_name(folder, tiny_clap, change, says):
    weights = {name: tensor.clone() for name, tensor in tiny_clap().state_dict().items()}
    change(weights)
    save_file(weights, folder / "model.safetensors")
    with pytest.raises(ModelError, match=rf"model\.safetensors .*{says}"):
        load_clap(folder)


def test_an_original_checkpoint_of_another_shape_is_refused(tiny_clap, as_original, tmp_path):
    weights = as_original(tiny_clap())
    weights["module.audio_projection.0.weight"] = torch.zeros(3, 3)
    torch.save(weights, tmp_path / "odd.pt")
    with pytest.raises(ModelError, match=r"odd\.pt does not fit this model: audio_projection\.linear1\.weight"):
        load_clap(tmp_path / "odd.pt")


@pytest.mark.parametrize("content", [{"weight": torch.zeros(2)}, {}, [1, 2], {"epoch": 3}])
def test_another_model_is_refused(content, tmp_path):
    torch.save(content, tmp_path / "other.pt")
    with pytest.raises(ModelError, match=r"other\.pt (is not a LAION-CLAP|holds no)"):
        load_clap(tmp_path / "other.pt")


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("config.json", None, "has no config.json"),
        ("config.json", "{", "config.json is not the description"),
        ("config.json", '{"text_config": 3}', "config.json is not the description"),
        ("preprocessor_config.json", None, "has no preprocessor_config.json"),
        ("preprocessor_config.json", "{}", "is not a CLAP preprocessor file"),
        ("preprocessor_config.json", "[]", "is not a CLAP preprocessor file"),
        ("model.safetensors", None, "has neither model.safetensors nor"),
    ],
)
def test_a_broken_folder_names_the_file(folder, file, content, says):
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_text(content)
    with pytest.raises(ModelError, match=says):
        load_clap(folder)


def test_another_sample_rate_is_refused(folder):
    path = folder / "preprocessor_config.json"
    path.write_text(path.read_text().replace("48000", "16000"))
    with pytest.raises(ModelError, match="only 10 s at 48000 Hz"):
        load_clap(folder)
