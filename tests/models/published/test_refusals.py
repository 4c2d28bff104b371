"""What both loaders refuse, each with the file's name and what to do."""

import os

import pytest
import torch

from console.errors import ModelError
from models.published import load_fxencoder, load_fxencoder_plusplus

LOADERS = pytest.mark.parametrize("load", [load_fxencoder, load_fxencoder_plusplus])


class _Program:
    def __reduce__(self):
        return os.system, ("false",)


@LOADERS
def test_absent_files_are_refused(load, tmp_path):
    with pytest.raises(ModelError, match=r"gone\.pt is not there\. Check the path"):
        load(tmp_path / "gone.pt")


@LOADERS
@pytest.mark.parametrize("name", ["half.pt", "half.safetensors"])
def test_corrupt_files_are_refused(load, name, tmp_path):
    (tmp_path / name).write_bytes(b"\x80\x02half of it")
    with pytest.raises(ModelError, match=r"half\.\w+ is corrupt .*Fetch the file again"):
        load(tmp_path / name)


@LOADERS
def test_files_that_carry_code_are_refused(load, tmp_path):
    path = tmp_path / "trap.pt"
    torch.save({"model": {"module.encoder.0.weight": torch.zeros(1)}, "args": _Program()}, path)
    with pytest.raises(ModelError, match=r"trap\.pt holds Python objects besides tensors"):
        load(path)


@LOADERS
def test_damaged_numbers_are_refused(load, tmp_path):
    path = tmp_path / "nan.pt"
    torch.save({"module.encoder.0.conv1.conv1d.conv1d.bias": torch.tensor([0.0, float("nan")])}, path)
    with pytest.raises(ModelError, match=r"nan\.pt is damaged: module\.encoder\.0\S+ holds infinities or NaN"):
        load(path)


@LOADERS
def test_files_of_another_network_are_refused(load, tmp_path):
    path = tmp_path / "other.pt"
    torch.save({"decoder.weight": torch.zeros(3)}, path)
    with pytest.raises(ModelError, match=r"other\.pt does not fit this model: .* is missing"):
        load(path)
