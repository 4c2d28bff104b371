import json

import numpy as np

from assistant.cli.main import main
from models import load_encoder


def test_one_row_a_file_as_json(stems, capsys):
    assert main(["embed", str(stems), "--encoder", "production-features", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [path.rsplit("/", 1)[1] for path in result["files"]] == ["Bass DI.wav", "Keys.wav", "Lead Vox.wav"]
    assert np.array(result["rows"]).shape == (3, load_encoder("production-features").dimensions)


def test_rows_go_to_a_file_that_is_never_overwritten(stems, tmp_path, capsys):
    out = tmp_path / "rows.npy"
    arguments = ["embed", str(stems / "Keys.wav"), "--encoder", "production-features", "--out", str(out)]
    assert main(arguments) == 0
    assert np.load(out).shape[0] == 1
    assert main(arguments) == 1
    assert "is there already and is not overwritten" in capsys.readouterr().err


def test_unknown_encoders_and_other_file_types_are_refused(stems, capsys):
    assert main(["embed", str(stems), "--encoder", "nonsense"]) == 1
    assert "is no encoder. Use one of" in capsys.readouterr().err
    assert main(["embed", str(stems), "--out", "rows.csv"]) == 1
    assert "is not a .npy file" in capsys.readouterr().err


def test_the_shipped_encoder_is_the_default(stems, capsys):
    assert main(["embed", str(stems / "Keys.wav"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["encoder"] == "fx"
