"""As many processes as a recipe asks for, or the run is refused with what to type."""

import pytest

import ftkit as ft
from ftkit.errors import RecipeError
from ftkit.training.launch import check_launch, launched


def test_without_a_launcher_there_is_one(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    assert launched() == 0
    check_launch("auto", "auto")
    check_launch(1, "auto")


@pytest.mark.parametrize(("asked", "kind"), [(2, "auto"), (2, "ddp"), ("auto", "fsdp")])
def test_several_are_asked_for_and_one_is_there(asked, kind, monkeypatch, tmp_path):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    with pytest.raises(RecipeError, match="torchrun --nproc-per-node 2"):
        ft.train({"data": "iris", "training": {"processes": asked, "parallel": kind}}, runs=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_another_number_is_there(monkeypatch):
    for name, value in (("RANK", "0"), ("WORLD_SIZE", "4"), ("MASTER_ADDR", "localhost")):
        monkeypatch.setenv(name, value)
    assert launched() == 4
    check_launch(4, "fsdp")
    with pytest.raises(RecipeError, match="2 are asked for, and 4 are there"):
        check_launch(2, "ddp")
