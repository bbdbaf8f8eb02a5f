import json

import pytest

import ftkit as ft
from ftkit.cli import main
from ftkit.runs.latency import read_latency


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    recipe = {"data": "iris", "training": {"epochs": 1, "threads": 1}}
    return ft.train(recipe, runs=tmp_path_factory.mktemp("runs"), name="run", process=False)


def test_it_is_measured_kept_and_shown(run):
    found = ft.measure_latency(run, batch_sizes=[1, 4], times=25)
    assert [t.batch_size for t in found.timings] == [1, 4]
    for one in found.timings:
        assert 0 < one.p50 <= one.p95 <= one.p99
        assert one.rows_per_second > 0
        assert one.times == 25
    assert 0 < found.load < found.first_answer
    assert found.peak > 50 * 2**20
    assert found.parameters > 100
    assert read_latency(run) == found
    assert "cold start" in ft.show(found).text()


def test_the_command_line(run, capsys):
    assert main(["latency", str(run.folder), "--batch", "2", "--times", "20", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["timings"][0]["batch_size"] == 2
    assert main(["latency", "none-such", "--runs", str(run.folder.parent)]) == 2


def test_faults(run, tmp_path):
    with pytest.raises(ft.DataError, match="at least 1"):
        ft.measure_latency(run, batch_sizes=[0])
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "recipe.yaml").write_text((run.folder / "recipe.yaml").read_text())
    with pytest.raises(ft.RunError, match="no model to measure"):
        ft.measure_latency(ft.Run(tmp_path / "x"))
