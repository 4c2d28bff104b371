import pytest

from scripts.corpus.table import CorpusError, load_table

GOOD = "version: 1\nkept_for_judging: [secret]\nskipped: {dull: because}\npackages:\n"
ROW = "  - {name: music, kind: finished, split: train, hours: 1}\n"


def test_the_real_table_has_every_kind_in_test_and_train(real_table):
    for split in ("train", "test"):
        kinds = {row.kind for row in real_table.packages.values() if row.split == split}
        assert {"finished", "stem", "voice"} <= kinds
    assert sum(row.hours for row in real_table.packages.values() if row.split == "train") >= 10


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (ROW + ROW, "a package twice"),
        ("  - {name: secret, kind: finished, split: train}\n", "leave alone"),
        ("  - {name: dull, kind: finished, split: train}\n", "leave alone"),
        ("  - {name: music, kind: noise, split: train}\n", "not a package table"),
        ("  - {name: music, kind: finished, split: train, colour: red}\n", "not a package table"),
        ("  - {name: font, kind: stem, split: train, soundfont: a.sf2}\n", "needs scores"),
        ("  - {name: font, kind: stem, split: train, soundfont: a.sf2, scores: [music]}\n" + ROW, "no score of split"),
        ("  - {name: font, kind: stem, split: train, soundfont: a, patches: b, scores: [composed]}\n", "in two ways"),
        ("  - [", "not a package table"),
    ],
)
def test_a_wrong_table_is_refused(rows, why, tmp_path):
    path = tmp_path / "packages.yaml"
    path.write_text(GOOD + rows)
    with pytest.raises(CorpusError, match=why):
        load_table(path)
