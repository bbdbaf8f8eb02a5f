"""``ftkit --help`` answers at once, because it loads nothing."""

import subprocess
import sys

import pytest

from ftkit.cli import main


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom ftkit.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'torch', 'rich', 'pydantic', 'pyarrow', 'polars', 'yaml', 'plotly'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    for verb in ("run", "train", "templates", "inspect", "runs", "show", "report", "predict", "doctor"):
        assert f"\n    {verb}" in done.stdout


def test_an_unknown_verb_is_bad_input(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["rum"])
    assert caught.value.code == 2
