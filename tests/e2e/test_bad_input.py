"""A careless user: one line that says what to do, exit 2, nothing left behind."""

import json

import pytest

from ftkit.reports import read_template

pytestmark = pytest.mark.e2e

RUN = ("run", "finetune-image")
TABLE = ("run", "finetune-tabular")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*RUN, "-p", "data", "nowhere"), "there is no such file or folder"),
        ((*RUN, "-p", "epochs", "abc", "-p", "learning_rate", "0"), "2 faults"),
        ((*RUN, "-p", "epoch", "3"), "nearest is 'epochs'"),
        ((*RUN, "-f", "none.yaml"), "none.yaml: cannot be read"),
        (("run", "finetune-imag"), "nearest is 'finetune-image'"),
        ((*TABLE, "-p", "data", "iris", "-p", "target", "specis"), "species"),
        (("inspect", "iris", "--out", "/dev/null/x"), "--out /dev/null/x: cannot be made"),
        ((*TABLE, "-p", "data", "digits"), "reads tabular rows, but image-classification has image rows"),
        (("train", "none.yaml"), "cannot be read"),
        (("show", "none"), "run 'none' is not in"),
        (("inspect", "nowhere"), "there is no such file or folder"),
        (("inspect", "iris", "--fail-on", "sometimes"), "sometimes"),
        (("inspect", "iris", "--task", "tabular-regresion"), "nearest is 'tabular-regression'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_bad_input_is_told_and_leaves_nothing(ftkit, tmp_path, words, said):
    assert said in ftkit(*words, code=2).stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("ragged.csv", "a,b,label\n1,2,x\n1,2,3,y\n", "line 3"),
        ("twice.csv", "a,a,label\n1,2,x\n", "'a'"),
        ("empty.csv", "", "empty"),
        ("one.csv", "a,label\n" + "1,x\n" * 30, "at least two classes"),
        ("few.csv", "a,label\n1,x\n2,y\n", "2 rows"),
        ("none.csv", "a,b\n" + "1,2\n" * 30, "no target"),
    ],
)
def test_a_bad_table_is_told(ftkit, tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    assert said in ftkit(*TABLE, "-p", "data", name, code=2).stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_empty_folder_and_one_class_are_told(ftkit, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "empty" in ftkit(*RUN, "-p", "data", "empty", code=2).stderr
    assert "runs" not in [path.name for path in tmp_path.iterdir()]


def test_a_kernel_that_is_not_there_is_told_and_nothing_is_touched(ftkit, tmp_path):
    notebook = json.loads(read_template("finetune-tabular").path.read_text())
    notebook["metadata"]["kernelspec"]["name"] = "ir"
    (tmp_path / "mine.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"mine")
    said = ftkit("run", "mine.ipynb", "-p", "data", "iris", "--runs", ".", "--name", "photos", code=2).stderr
    assert "kernel 'ir' is not there" in said
    assert (tmp_path / "photos" / "a.jpg").read_bytes() == b"mine"


def test_an_output_folder_that_cannot_be_made_is_told(ftkit, tmp_path):
    (tmp_path / "file").write_text("")
    assert "no run folder can be made there" in ftkit(*RUN, "--runs", "file", code=2).stderr


def test_hostile_names_reach_the_terminal_as_text(ftkit, tmp_path):
    (tmp_path / "t.csv").write_text("a,\x1b[31mred,label\n" + "1,2,x\n2,1,y\n" * 10)
    assert "\x1b[31m" not in ftkit("inspect", "t.csv").stdout


def test_fail_on_is_a_gate(ftkit, tmp_path):
    (tmp_path / "t.csv").write_text("a,label\n" + "1,x\n" * 20 + "2,y\n" * 20)
    assert ftkit("inspect", "t.csv", "--fail-on", "DUP101=1", code=1)
    assert ftkit("inspect", "iris", "--fail-on", "error")


def test_inspect_as_json_and_as_a_page(ftkit, tmp_path):
    told = json.loads(ftkit("inspect", "iris", "--json", "--out", "out").stdout)
    assert told["dataset"]["rows"] == 150
    assert {"code", "outcome"} <= told["checks"][0].keys()
    assert (tmp_path / "out" / "inspection.html").stat().st_size > 2000
    assert json.loads((tmp_path / "out" / "inspection.json").read_text()) == told


def test_doctor_and_templates(ftkit):
    assert "Everything ftkit needs is here" in ftkit("doctor").stdout
    told = json.loads(ftkit("templates", "finetune-image", "--json").stdout)
    epochs = next(parameter for parameter in told if parameter["name"] == "epochs")
    assert epochs == {
        "name": "epochs",
        "type": "whole number",
        "default": 10,
        "range": "1 to 100,000",
        "help": epochs["help"],
    }
