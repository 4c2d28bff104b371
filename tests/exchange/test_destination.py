"""New files and folders: whole or not at all, never over anything, under names any system takes."""

import pytest

from console.errors import ProjectFileError
from exchange.destination import file_names, new_file, new_folder, unique_names


def test_a_file_appears_when_its_block_has_ended(tmp_path):
    with new_file(tmp_path / "a.txt") as partial:
        partial.write_text("whole")
        assert not (tmp_path / "a.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "whole"


def fill(make, path, text, meanwhile=None):
    """Write through `make`; then let `meanwhile` happen before the block ends."""
    with make(path) as partial:
        (partial if make is new_file else partial / "inside.txt").write_text(text)
        if meanwhile is not None:
            meanwhile()


def stop():
    """Fail half way."""
    raise ValueError("half way")


@pytest.mark.parametrize("make", [new_file, new_folder])
def test_nothing_is_left_of_a_block_that_failed(make, tmp_path):
    with pytest.raises(ValueError, match="half way"):
        fill(make, tmp_path / "a", "half", stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make", [new_file, new_folder])
@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_what_is_there_stays_as_it_is(make, there, tmp_path):
    path = tmp_path / "taken"
    if there == "file":
        path.write_text("mine")
    elif there == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ProjectFileError, match="already exists and is never written over"), make(path):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]


def test_a_name_that_is_taken_meanwhile_is_not_written_over(tmp_path):
    with pytest.raises(ProjectFileError, match="already exists"):
        fill(new_file, tmp_path / "a.txt", "late", lambda: (tmp_path / "a.txt").write_text("early"))
    assert (tmp_path / "a.txt").read_text() == "early"
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    with (
        pytest.raises(ProjectFileError, match=r"absent for a\.txt does not exist"),
        new_file(tmp_path / "absent/a.txt"),
    ):
        pass


def test_file_names_are_good_on_any_system_and_all_different():
    names = ["Kick", "KICK", "Gtr/L", "Gtr:L", "a.", "con", "", "x" * 200, "tab\there", "Réverbe"]
    found = file_names(names)
    assert [*found] == names
    assert found["Kick"] == "Kick"
    assert found["Gtr/L"] == "Gtr_L"
    assert found["Réverbe"] == "Réverbe"
    assert len({name.casefold() for name in found.values()}) == len(names)
    for name in found.values():
        assert name
        assert name.strip(" .") == name
        assert len(name) <= 90
        assert not set(name) & set('/\\:*?"<>|\t')
        assert name.casefold() != "con"


def test_unique_names_are_numbered_and_keep_clear_of_the_buses():
    assert unique_names(["Kick", "kick", " ", "master", "group:x"], reserved=("master",)) == [
        "Kick", "kick 2", "Track", "master 2", "x 2",
    ]  # fmt: skip
