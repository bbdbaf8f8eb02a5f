"""Checkpoints: whole or not there."""

import errno

import pytest
import torch
from safetensors import SafetensorError

from ftkit.training import checkpoint as module
from ftkit.training import load_checkpoint, newest_checkpoint, save_checkpoint

STATE = {"model.weight": torch.arange(6.0).reshape(2, 3), "step": torch.tensor(7)}


def test_what_is_saved_is_loaded(tmp_path):
    save_checkpoint(tmp_path, 7, STATE)
    loaded = load_checkpoint(newest_checkpoint(tmp_path))
    assert torch.equal(loaded["model.weight"], STATE["model.weight"])


def test_only_the_newest_are_kept(tmp_path):
    for step in (1, 2, 3, 4):
        save_checkpoint(tmp_path, step, STATE, keep=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000003", "step-00000004"]


@pytest.mark.parametrize("damage", ["truncate", "flip", "no manifest", "no tensors", "empty manifest"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path, damage):
    save_checkpoint(tmp_path, 1, STATE)
    newest = save_checkpoint(tmp_path, 2, STATE)
    tensors, manifest = newest / "state.safetensors", newest / "manifest.json"
    content = bytearray(tensors.read_bytes())
    if damage == "truncate":
        tensors.write_bytes(content[:-5])
    elif damage == "flip":
        content[-1] ^= 1
        tensors.write_bytes(content)
    elif damage == "no manifest":
        manifest.unlink()
    elif damage == "no tensors":
        tensors.unlink()
    else:
        manifest.write_text("")
    assert newest_checkpoint(tmp_path).name == "step-00000001"


def test_a_full_disk_leaves_the_one_before(tmp_path, monkeypatch):
    save_checkpoint(tmp_path, 1, STATE)

    def full(tensors, path):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "save_file", full)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(tmp_path, 2, STATE)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001"]


def test_what_safetensors_says_of_a_full_disk_is_an_os_error(tmp_path, monkeypatch):
    def full(tensors, path):
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(module, "save_file", full)
    with pytest.raises(OSError, match="No space") as caught:
        save_checkpoint(tmp_path, 2, STATE)
    assert caught.value.errno == errno.ENOSPC


def test_what_was_just_saved_is_never_the_one_deleted(tmp_path):
    for step in (90, 100, 10):
        save_checkpoint(tmp_path, step, STATE)
    assert newest_checkpoint(tmp_path).name == "step-00000010"


def test_half_written_ones_are_swept(tmp_path):
    save_checkpoint(tmp_path, 1, STATE)
    (tmp_path / ".step-00000002.123").mkdir()
    module.sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001"]


def test_there_may_be_none(tmp_path):
    assert newest_checkpoint(tmp_path / "checkpoints") is None
