"""Templates: what is known and checked before a kernel starts."""

import json

import pytest

from ftkit.errors import DataError, RecipeError
from ftkit.recipe.parameters import PARAMETERS
from ftkit.reports import bind, list_templates, read_template
from ftkit.reports.execute import check
from ftkit.reports.template import RESERVED

TEMPLATES = list_templates()


def write(path, *sources, tag=True, **keys):
    cells = [
        {"cell_type": "code", "source": s, "metadata": {"tags": ["parameters"] if tag else []}, "outputs": []}
        for s in sources
    ]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells} | keys))
    return path


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_a_template_is_prose_and_short_cells(template):
    cells = json.loads(template.path.read_text())["cells"]
    code = [
        cell for cell in cells if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", [])
    ]
    assert len(code) <= 12
    for cell in code:
        text = "".join(cell["source"])
        assert len(text.splitlines()) <= 8
        assert not any(word in text for word in ("def ", "class ", "for ", "while ", "lambda"))
        assert cell["outputs"] == []
    assert template.summary


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_every_parameter_is_used_and_known(template):
    cells = json.loads(template.path.read_text())["cells"]
    rest = "".join("".join(c["source"]) for c in cells if "parameters" not in c["metadata"].get("tags", []))
    for name in template.defaults:
        assert name in PARAMETERS or name in RESERVED
        assert f"={name}" in rest or f"({name}" in rest, name


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: t.name)
def test_the_defaults_are_valid(template):
    given = {"target": "income"} if template.name == "nothing" else {}
    values, recipe = check(template, given)
    assert recipe.data.path == values["data"]


def test_all_faults_in_one_message():
    with pytest.raises(RecipeError) as caught:
        check(
            TEMPLATES[0],
            {"epoch": 3, "epochs": "abc", "learning_rate": 0, "runs": "x", "a;b": 1, "class": 2, "__x__": 3},
        )
    text = str(caught.value)
    assert len(caught.value.faults) == 7
    assert "epoch: is not a parameter of finetune-image; nearest is 'epochs'" in text
    assert "epochs: 'abc'; asked is a whole number" in text
    assert "runs: names the run; use --runs" in text
    assert "'a;b': cannot be a parameter's name" in text


def test_rows_are_checked_before_anything_starts(tmp_path):
    with pytest.raises(DataError, match="there is no such file or folder"):
        check(TEMPLATES[0], {"data": str(tmp_path / "nowhere")})


def test_an_unknown_template_names_the_nearest():
    with pytest.raises(RecipeError, match="nearest is 'finetune-image'"):
        read_template("finetune-images")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"), ("{", "is not a whole notebook"), ("[]", "of format none"), ('{"nbformat": 3}', "of format 3"),
        ('{"nbformat": 4, "cells": []}', "has 0 cells tagged 'parameters'"),
    ],
)  # fmt: skip
def test_what_is_no_template_is_said(tmp_path, content, said):
    (tmp_path / "t.ipynb").write_text(content)
    with pytest.raises(RecipeError, match=said):
        read_template(tmp_path / "t.ipynb")


def test_a_folder_a_missing_file_and_bytes_are_no_template(tmp_path):
    (tmp_path / "folder.ipynb").mkdir()
    (tmp_path / "bytes.ipynb").write_bytes(b"\xff\xfe\x00")
    for name, said in (("folder", "is a folder"), ("missing", "No such file"), ("bytes", "is not text")):
        with pytest.raises(RecipeError, match=said):
            read_template(tmp_path / f"{name}.ipynb")


def test_two_parameter_cells_and_odd_defaults_are_refused(tmp_path):
    with pytest.raises(RecipeError, match="has 2 cells"):
        read_template(write(tmp_path / "two.ipynb", "a = 1", "b = 2"))
    with pytest.raises(RecipeError, match=r"a: its default is not a plain value: os.getcwd\(\)"):
        read_template(write(tmp_path / "odd.ipynb", "a = os.getcwd()"))
    with pytest.raises(RecipeError, match="its parameters, line 1"):
        read_template(write(tmp_path / "broken.ipynb", "a = = 1"))


def test_a_template_s_own_parameters_keep_their_type(tmp_path):
    template = read_template(write(tmp_path / "own.ipynb", "size = 3\nratio = 0.5\nflag = True"))
    assert bind(template, {"size": 4, "ratio": 1}) == {"size": 4, "ratio": 1, "flag": True}
    with pytest.raises(RecipeError, match=r"flag: 1; asked is bool, as True"):
        bind(template, {"flag": 1})
