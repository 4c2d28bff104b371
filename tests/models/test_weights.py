import hashlib
import http.server
import json
import re
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from huggingface_hub import close_session, constants

from assistant.cli.main import main
from console.errors import ModelError
from models import weights
from models.weights import (
    KnownWeights,
    WeightFile,
    check_file,
    download_weights,
    find_weights,
    known_weights,
    missing_sentence,
    require_weights,
    weights_folder,
)

CONTENT = {"model.safetensors": bytes(range(256)) * 2000, "config.json": b'{"tiny": true}'}
REVISION = "0123456789abcdef0123456789abcdef01234567"


def _file(name, content):
    return WeightFile(name, "somebody/tiny", REVISION, len(content), hashlib.sha256(content).hexdigest())


@pytest.fixture
def tiny(own_weights_folder, monkeypatch):
    """Put one small row into the table; return our empty folder."""
    row = KnownWeights(
        name="tiny",
        what="a tiny model",
        improves="nothing gets better",
        licence="CC0-1.0",
        repo="somebody/tiny",
        revision=REVISION,
        files=tuple(_file(name, content) for name, content in CONTENT.items()),
    )
    monkeypatch.setattr(weights, "known_weights", lambda: {"tiny": row})
    return own_weights_folder


@pytest.fixture
def hub(monkeypatch):
    """Serve CONTENT as the hub does, on this machine, behind a redirect; say what it was asked."""
    state = SimpleNamespace(served=dict(CONTENT), seen=[], stop_after=None, ranges=True)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path.startswith("/somebody/tiny/resolve/"):
                self._head(302, {"Location": self.path.replace("/resolve/", "/stored/"), "Content-Length": "0"})
                return
            state.seen.append((self.path, self.headers.get("Range")))
            content = state.served.get(self.path.removeprefix(f"/somebody/tiny/stored/{REVISION}/"))
            if content is None:
                self._head(404, {"Content-Length": "0"})
                return
            asked = re.match(r"bytes=(\d+)-", self.headers.get("Range") or "")
            start = int(asked[1]) if asked and state.ranges else 0
            self._head(206 if start else 200, {"Content-Length": str(len(content) - start)})
            self.wfile.write(content[start : state.stop_after])
            if state.stop_after is not None:
                self.close_connection = True

        def _head(self, status, headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address)
    yield state
    close_session()
    server.shutdown()
    server.server_close()


def test_the_table_is_whole():
    for name, row in known_weights().items():
        assert row.name == name
        assert row.what
        assert row.licence
        assert row.improves[0].islower()
        assert not row.improves.endswith(".")
        for file in row.files:
            assert file.url is not None or re.fullmatch("[0-9a-f]{40}", file.revision)
            assert re.fullmatch("[0-9a-f]{64}", file.sha256)
            assert file.bytes > 0


def test_the_sentence_encoder_is_the_official_one():
    files = {file.name: file for file in known_weights()["minilm"].files}
    assert files["model.safetensors"].sha256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert files["tokenizer.json"].sha256 == "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


@pytest.mark.usefixtures("own_weights_folder", "no_network")
def test_looking_touches_no_network():
    assert all(find_weights(name) is None for name in known_weights())


def test_our_cache_counts_only_when_every_file_is_whole(tiny):
    (tiny / "tiny").mkdir(parents=True)
    for name, content in CONTENT.items():
        assert find_weights("tiny") is None
        (tiny / "tiny" / name).write_bytes(content)
    found = find_weights("tiny")
    assert found.where == "studiospeak's cache"
    assert found.files["config.json"].read_bytes() == CONTENT["config.json"]
    (tiny / "tiny" / "config.json").write_bytes(b"{")
    assert find_weights("tiny") is None


@pytest.mark.usefixtures("tiny")
def test_the_hugging_face_cache_counts(tmp_path):
    snapshot = tmp_path / "hub" / "models--somebody--tiny" / "snapshots" / REVISION
    snapshot.mkdir(parents=True)
    for name, content in CONTENT.items():
        (snapshot / name).write_bytes(content)
    assert find_weights("tiny").where == "Hugging Face cache"


def test_a_package_counts_and_is_never_imported(tiny, tmp_path, monkeypatch):
    package = tmp_path / "path" / "carries_weights"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('imported')")
    for name, content in CONTENT.items():
        (package / "model" / name).write_bytes(content)
    monkeypatch.undo()
    monkeypatch.syspath_prepend(tmp_path / "path")
    monkeypatch.setenv("STUDIOSPEAK_WEIGHTS", str(tiny))
    row = KnownWeights(
        *("tiny", "a tiny model", "nothing", "CC0-1.0", "somebody/tiny", REVISION),
        files=tuple(_file(name, content) for name, content in CONTENT.items()),
        package="carries_weights",
        package_folder="model",
    )
    monkeypatch.setattr(weights, "known_weights", lambda: {"tiny": row})
    assert find_weights("tiny").where == "package carries_weights"
    assert "carries_weights" not in sys.modules


def test_an_unknown_name_lists_the_known_ones():
    for ask in (find_weights, missing_sentence, require_weights, download_weights):
        with pytest.raises(ModelError, match=r"'nope' is not among the known weights. Use one of: minilm"):
            ask("nope")


@pytest.mark.usefixtures("tiny")
def test_absent_weights_are_one_sentence_with_the_way_to_get_them():
    with pytest.raises(ModelError) as caught:
        require_weights("tiny")
    assert str(caught.value) == missing_sentence("tiny")
    assert "with them, nothing gets better: studiospeak weights download tiny" in missing_sentence("tiny")


def test_another_content_is_refused_by_name(tmp_path):
    (tmp_path / "config.json").write_bytes(b"other")
    with pytest.raises(ModelError, match=r"config\.json is not the file known as config\.json"):
        check_file(tmp_path / "config.json", _file("config.json", b"known"))


def test_the_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("STUDIOSPEAK_WEIGHTS", str(tmp_path))
    assert weights_folder() == tmp_path
    monkeypatch.delenv("STUDIOSPEAK_WEIGHTS")
    assert weights_folder().parts[-2:] == ("studiospeak", "weights")


@pytest.mark.usefixtures("tiny")
def test_a_download_is_checked_kept_and_found(hub):
    told = []
    folder = download_weights("tiny", lambda *args: told.append(args))
    assert {name: (folder / name).read_bytes() for name in CONTENT} == CONTENT
    assert find_weights("tiny").where == "studiospeak's cache"
    assert {name: done for name, done, _ in told} == {name: len(content) for name, content in CONTENT.items()}
    assert sorted(path.name for path in folder.iterdir()) == sorted(CONTENT)
    asked = len(hub.seen)
    download_weights("tiny")
    assert len(hub.seen) == asked  # whole files are not asked for again


def test_a_broken_download_goes_on_where_it_stopped(tiny, hub):
    hub.stop_after = 100_000
    with pytest.raises(ModelError, match="it goes on where it stopped"):
        download_weights("tiny")
    part = tiny / "tiny" / "model.safetensors.part"
    kept = part.stat().st_size
    assert 0 < kept <= 100_000
    assert find_weights("tiny") is None
    hub.stop_after = None
    download_weights("tiny")
    assert (tiny / "tiny" / "model.safetensors").read_bytes() == CONTENT["model.safetensors"]
    assert f"bytes={kept}-" in {span for _, span in hub.seen}
    assert not part.exists()


def test_a_hub_that_cannot_continue_sends_it_whole(tiny, hub):
    (tiny / "tiny").mkdir(parents=True)
    (tiny / "tiny" / "model.safetensors.part").write_bytes(b"half of something")
    hub.ranges = False
    download_weights("tiny")
    assert (tiny / "tiny" / "model.safetensors").read_bytes() == CONTENT["model.safetensors"]


def test_a_wrong_checksum_is_refused_and_not_kept(tiny, hub):
    hub.served["model.safetensors"] = b"\0" * len(CONTENT["model.safetensors"])
    with pytest.raises(ModelError, match=r"model\.safetensors is not the file known as"):
        download_weights("tiny")
    assert not list((tiny / "tiny").iterdir())


def test_more_than_the_file_has_is_refused_and_not_kept(tiny, hub):
    hub.served["model.safetensors"] = CONTENT["model.safetensors"] + b"more"
    with pytest.raises(ModelError, match=r"sends more than the 512000 bytes"):
        download_weights("tiny")
    assert not list((tiny / "tiny").iterdir())


@pytest.mark.usefixtures("tiny")
def test_a_file_that_the_hub_lost_is_said_plainly(hub):
    del hub.served["config.json"]
    with pytest.raises(ModelError, match=r"'tiny' could not be fetched.*404"):
        download_weights("tiny")


@pytest.mark.usefixtures("tiny")
def test_an_unreachable_hub_is_said_at_once(monkeypatch):
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:9/{repo_id}/{revision}/{filename}")
    start = time.monotonic()
    with pytest.raises(ModelError, match=r"'tiny' could not be fetched.*Check the connection"):
        download_weights("tiny")
    assert time.monotonic() - start < 5.0


@pytest.mark.usefixtures("tiny")
def test_offline_mode_is_respected(hub, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    close_session()
    with pytest.raises(ModelError, match=r"'tiny' could not be fetched.*[Oo]ffline"):
        download_weights("tiny")
    assert not hub.seen


@pytest.mark.usefixtures("tiny")
def test_a_full_disk_is_said_before_fetching(hub, monkeypatch):
    monkeypatch.setattr("models.fetch.shutil.disk_usage", lambda _: SimpleNamespace(free=1000))
    with pytest.raises(ModelError, match=r"0 MB free.*STUDIOSPEAK_WEIGHTS"):
        download_weights("tiny")
    assert not hub.seen


@pytest.mark.usefixtures("own_weights_folder", "no_network")
def test_list_says_what_is_here_and_what_it_improves(capsys):
    assert main(["weights", "list"]) == 0
    shown = capsys.readouterr().out
    for name, row in known_weights().items():
        assert all(said in shown for said in (name, row.improves, row.licence))
    assert shown.count("not here") == len(known_weights())
    assert main(["weights", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["weights"]
    assert [row["name"] for row in rows] == list(known_weights())
    assert all(row["where"] is None for row in rows)


def test_where_prints_the_folders(own_weights_folder, capsys, tmp_path):
    assert main(["weights", "where", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "downloads": str(own_weights_folder),
        "hugging_face_cache": str(tmp_path / "hub"),
    }
    assert main(["weights", "where"]) == 0
    assert str(own_weights_folder) in capsys.readouterr().out


def test_download_shows_progress_and_reports_its_folder(capsys, monkeypatch, tmp_path):
    def fake(name, progress):
        progress("model.safetensors", 5_000_000, 10_000_000)
        return tmp_path / name

    monkeypatch.setattr("assistant.cli.weights.download_weights", fake)
    assert main(["weights", "download", "clap"]) == 0
    shown = capsys.readouterr()
    assert str(tmp_path / "clap") in shown.out.replace("\n", "")
    assert all(said in shown.err for said in ("model.safetensors", "5.0/10.0 MB"))
    assert main(["weights", "download", "clap", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"name": "clap", "folder": str(tmp_path / "clap")}


def test_download_of_an_unknown_name_fails_in_one_sentence(capsys):
    assert main(["weights", "download", "nope", "--json"]) == 1
    assert "not among the known weights" in json.loads(capsys.readouterr().out)["error"]


@pytest.mark.parametrize("arguments", [[], ["fetch"], ["download"]])
def test_bad_arguments_are_exit_code_2(arguments):
    with pytest.raises(SystemExit) as caught:
        main(["weights", *arguments])
    assert caught.value.code == 2
