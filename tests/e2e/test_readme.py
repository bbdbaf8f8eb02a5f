"""What the README shows works as it stands there."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.cli.parser import make_parser

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.e2e
def test_the_ten_lines(tmp_path, monkeypatch):
    rows = ft.read("digits")
    pixels, _ = rows.pixels(size=(8, 8), channels=1)
    for i in np.flatnonzero(rows.labels < 3)[:120]:
        folder = tmp_path / "photos" / str(rows.labels[i])
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[i, :, :, 0]).save(folder / f"{i}.png")
    (tmp_path / "photos" / "0" / "broken.png").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FTKIT_RUNS", raising=False)
    (lines,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    names: dict = {}
    exec(lines, names)
    assert names["run"].state == "done"
    assert len(names["clean"]) == 120
    assert (tmp_path / "leaves.html").stat().st_size > 100_000


def test_every_verb_of_the_readme_exists():
    told = set(re.findall(r"`ftkit ([a-z]+)", README))
    known = next(action for action in make_parser()._actions if action.choices and "run" in action.choices).choices
    assert told <= set(known)
    table = README.split("## The command line")[1].split("## ")[0]
    assert set(known) <= set(re.findall(r"`(?:ftkit )?([a-z]+)[ `]", table))


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 120
