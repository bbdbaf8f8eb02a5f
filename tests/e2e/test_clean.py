"""``ftkit clean``: a cleaned copy, typed as a user types it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.e2e

ROWS = "id,x,label\n" + "".join(f"r{i},{i}.5,{'pq'[i % 2]}\n" for i in range(30)) + "r30,0.5,p\nr31,7.5,\n"


@pytest.fixture
def rows(tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS)
    return tmp_path / "rows.csv"


def test_a_policy_cleans_a_table(ftkit, rows, tmp_path):
    told = json.loads(ftkit("clean", "rows.csv", "--policy", "auto", "--out", "clean", "--json").stdout)
    assert (told["before"], told["after"], told["edits"]) == (32, 30, {"drop": 2})
    assert (tmp_path / "clean" / "rows.csv").read_text() == "".join(ROWS.splitlines(keepends=True)[:31])
    assert rows.read_text() == ROWS
    done = [json.loads(line) for line in (tmp_path / "clean" / "edits.jsonl").read_text().splitlines()]
    assert {(line["row"], line["op"], line["because"], line["by"]) for line in done} == {
        ("r30", "drop", "DUP101", "auto"),
        ("r31", "drop", "LAB101", "auto"),
    }


def test_edits_clean_a_folder_of_images(ftkit, tmp_path):
    rng = np.random.default_rng(0)
    for name in ("猫", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for i in range(5):
            Image.fromarray(rng.integers(0, 255, (9, 9, 3), dtype=np.uint8)).save(
                tmp_path / "photos" / name / f"{i}.png"
            )
    lines = [
        {"row": "dog/0.png", "op": "drop"},
        {"row": "dog/1.png", "op": "relabel", "value": "猫"},
        {"row": "猫/2.png", "op": "crop", "value": {"box": [0, 0, 4, 5]}},
    ]
    (tmp_path / "edits.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    said = ftkit("clean", "photos", "--edits", "edits.jsonl", "--out", "clean").stdout
    assert "9 of 10 rows kept (1 drop, 1 relabel, 1 crop)" in said
    assert not (tmp_path / "clean" / "dog" / "0.png").exists()
    assert (tmp_path / "clean" / "猫" / "1-2.png").exists()
    assert Image.open(tmp_path / "clean" / "猫" / "2.png").size == (4, 5)
    assert len(list((tmp_path / "photos").rglob("*.png"))) == 10
    assert json.loads(ftkit("inspect", "clean", "--json").stdout)["dataset"]["classes"] == {"dog": 3, "猫": 6}


def test_a_policy_of_ones_own(ftkit, rows, tmp_path):
    (tmp_path / "mine.yaml").write_text("unlabelled: keep\nduplicates: keep\n")
    assert "32 of 32 rows kept (no edits)" in ftkit("clean", "rows.csv", "--policy", "mine.yaml", "--out", "c").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--out", "clean"), "needs to know what to do"),
        (("--policy", "auto", "--out", "."), "Choose another"),
        (("--policy", "auto", "--out", "rows.csv"), "Choose another"),
        (("--policy", "autoo", "--out", "clean"), "neither 'auto' nor a file"),
        (("--edits", "none.jsonl", "--out", "clean"), "no such file of edits"),
        (("--edits", "bad.jsonl", "--out", "clean"), "bad.jsonl, line 1: op 'dorp' is not known; nearest is 'drop'"),
        (("--edits", "class.jsonl", "--out", "clean"), "label 'z' is not one of the 2 classes"),
        (("--policy", "bad.yaml", "--out", "clean"), "nearest is 'outliers'"),
    ],
)
def test_bad_input_is_told_and_leaves_nothing(ftkit, rows, tmp_path, words, said):
    (tmp_path / "bad.jsonl").write_text('{"row": "r1", "op": "dorp"}\n')
    (tmp_path / "class.jsonl").write_text('{"row": "r1", "op": "relabel", "value": "z"}\n')
    (tmp_path / "bad.yaml").write_text("outlier: drop\n")
    before = sorted(p.name for p in tmp_path.iterdir())
    assert said in ftkit("clean", "rows.csv", *words, code=2).stderr
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_inspect_tells_whether_the_rows_are_good_enough(ftkit, rows):
    said = ftkit("inspect", "rows.csv").stdout
    assert "Is it good enough?" in said
    assert "found.propose(drop=['LAB101'])" in said
    told = json.loads(ftkit("inspect", "rows.csv", "--json").stdout)["readiness"]
    assert {v["heading"]: v["verdict"] for v in told}["missing"] == "look"
