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


def half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGE = {
    "tensors cut off": lambda tensors, manifest: half(tensors),
    "tensors empty": lambda tensors, manifest: tensors.write_bytes(b""),
    "tensors missing": lambda tensors, manifest: tensors.unlink(),
    "a bit of the tensors": lambda tensors, manifest: flip(tensors),
    "bytes after the tensors": lambda tensors, manifest: tensors.write_bytes(tensors.read_bytes() + b"\0"),
    "manifest cut off": lambda tensors, manifest: half(manifest),
    "manifest empty": lambda tensors, manifest: manifest.write_bytes(b""),
    "manifest missing": lambda tensors, manifest: manifest.unlink(),
    "manifest of no sum": lambda tensors, manifest: manifest.write_text('{"step": 2}'),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path, damage):
    save_checkpoint(tmp_path, 1, STATE)
    newest = save_checkpoint(tmp_path, 2, STATE)
    DAMAGE[damage](newest / "state.safetensors", newest / "manifest.json")
    assert newest_checkpoint(tmp_path).name == "step-00000001"


def test_the_best_is_kept_beside_the_newest(tmp_path):
    for step in (1, 2, 3, 4, 5):
        save_checkpoint(tmp_path, step, STATE, keep=2, best=step in (1, 2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000002", "step-00000004", "step-00000005"]


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
