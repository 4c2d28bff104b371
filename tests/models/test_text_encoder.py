import time

import pytest
import torch

from console.errors import ModelError
from models.text_encoder import TextEncoder, as_sound
from models.weights import find_weights, missing_sentence

REAL = pytest.mark.skipif(not TextEncoder.available(), reason=missing_sentence("minilm"))
TOPICS = (  # two sayings of one thing, and another thing
    ("turn up the singer", "make the vocals louder", "add some reverb to the drums"),
    ("the kick is too boomy", "there is too much bass in the kick", "the guitar is out of tune"),
    ("more room on the snare", "put reverb on the snare", "pan the piano left"),
    ("remove the harshness", "make it less harsh", "export the session"),
)


@pytest.fixture
def random_bert(tiny_tokenizer, tmp_path):
    """Return transformers' BertModel with random weights, and ours on the same ones."""
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertModel

    torch.manual_seed(2)
    size = {"hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 6, "num_attention_heads": 12}
    bert = BertModel(BertConfig(vocab_size=40, **size)).eval()
    with torch.no_grad():
        for parameter in bert.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape))
    tiny_tokenizer(tmp_path / "tokenizer.json")
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>")
    return bert, TextEncoder(bert.state_dict(), tokenizer), tokenizer


def test_the_layers_are_those_of_bert(random_bert):
    bert, ours, tokenizer = random_bert
    texts = ["warm", "a bright sound of drums", "drums drums"]
    encodings = tokenizer.encode_batch(texts)
    ids = torch.tensor([encoding.ids for encoding in encodings])
    mask = torch.tensor([encoding.attention_mask for encoding in encodings])
    with torch.no_grad():
        hidden = bert(input_ids=ids, attention_mask=mask).last_hidden_state
    mean = torch.stack([row[keep.bool()].mean(dim=0) for row, keep in zip(hidden, mask, strict=True)])
    assert torch.allclose(ours.embed(texts), torch.nn.functional.normalize(mean, dim=-1), atol=1e-5)


def test_many_texts_equal_each_alone(random_bert):
    _, ours, _ = random_bert
    texts = ["warm", "a bright sound of drums", "sound"] * 30
    together = ours.embed(texts)
    assert together.shape == (90, 48)
    assert torch.allclose(together.norm(dim=-1), torch.ones(90), atol=1e-5)
    assert torch.allclose(together[:3], torch.cat([ours.embed([text]) for text in texts[:3]]), atol=1e-5)
    assert torch.allclose(together[87:], together[:3], atol=1e-5)


def test_no_texts_give_no_rows(random_bert):
    assert random_bert[1].embed([]).shape == (0, 384)


@pytest.mark.usefixtures("own_weights_folder", "no_network")
def test_absent_weights_say_what_they_would_improve():
    assert not TextEncoder.available()
    with pytest.raises(ModelError, match=r"placed by their meaning.*studiospeak weights download minilm"):
        TextEncoder.load()


@REAL
@pytest.mark.usefixtures("no_network")
def test_the_real_weights_give_the_published_embedding():
    """transformers and its own tokenizer on the same files."""
    from transformers import BertConfig, BertModel

    found = find_weights("minilm")
    ours = TextEncoder.load()
    texts = [as_sound("warm"), "turn up the vocal, but keep the drums out of its way", ""]
    bert = BertModel(BertConfig(hidden_size=384, intermediate_size=1536, num_hidden_layers=6, num_attention_heads=12))
    from safetensors.torch import load_file
    from tokenizers import Tokenizer

    left = bert.load_state_dict(load_file(found.files["model.safetensors"]), strict=False)
    assert not left.missing_keys
    tokenizer = Tokenizer.from_file(str(found.files["tokenizer.json"]))
    tokenizer.no_padding()
    ours_embedded = ours.embed(texts)
    assert ours_embedded.shape == (3, 384)
    for text, embedding in zip(texts, ours_embedded, strict=True):
        with torch.no_grad():
            hidden = bert.eval()(torch.tensor([tokenizer.encode(text).ids])).last_hidden_state
        assert torch.allclose(embedding, torch.nn.functional.normalize(hidden.mean(dim=1), dim=-1)[0], atol=1e-5)


@REAL
def test_it_loads_in_two_seconds_without_transformers():
    """CPU seconds in a fresh process, torch's own import apart."""
    import subprocess
    import sys

    code = (
        "import sys, time, torch; start = time.process_time(); "
        "from models.text_encoder import TextEncoder; TextEncoder.load().embed(['a warm sound']); "
        "assert 'transformers' not in sys.modules; print(time.process_time() - start)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 2.0


@REAL
@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic[0])
def test_two_sayings_of_one_thing_are_nearer_than_another_thing(topic):
    one, same, other = TextEncoder.load().embed(topic)
    assert one @ same > one @ other + 0.1


@REAL
def test_opposites_are_near_too():
    """Why a space for sound is trained on top: this one knows what words are about, not which way they point."""
    bright, dark, crisp = TextEncoder.load().embed([as_sound(word) for word in ("bright", "dark", "crisp")])
    assert bright @ dark > bright @ crisp


@REAL
def test_a_changed_file_is_refused(tmp_path, monkeypatch):
    import shutil

    monkeypatch.setenv("STUDIOSPEAK_WEIGHTS", str(tmp_path))
    (tmp_path / "minilm").mkdir()
    for name, path in find_weights("minilm").files.items():
        shutil.copy(path, tmp_path / "minilm" / name)
    with (tmp_path / "minilm" / "model.safetensors").open("r+b") as stream:
        stream.seek(-1, 2)
        stream.write(b"\x55")
    start = time.process_time()
    with pytest.raises(ModelError, match=r"model\.safetensors is not the file known as"):
        TextEncoder.load()
    assert time.process_time() - start < 2.0
