"""Where the server looks for runs, and nowhere else."""

from __future__ import annotations

import pytest

from ftkit.errors import RunError
from ftkit.server.roots import Roots


def test_the_runs_folder_of_the_environment_is_one_too(tmp_path, monkeypatch):
    run = tmp_path / "scratch/runs/a"
    run.mkdir(parents=True)
    (run / "recipe.yaml").touch()
    (tmp_path / "work").mkdir()
    with pytest.raises(RunError, match="is not below"):
        Roots(tmp_path / "work").run(str(run))
    monkeypatch.setenv("FTKIT_RUNS", str(tmp_path / "scratch/runs"))
    assert Roots(tmp_path / "work").run(str(run)) == run


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000, "a/../a"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    with pytest.raises(RunError, match="is not below"):
        Roots(tmp_path).folder(name)
