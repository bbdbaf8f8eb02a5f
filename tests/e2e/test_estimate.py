"""The memory told by ``ftkit train --plan`` is what the process then takes at most."""

import json
import subprocess
import sys

import pytest
from e2e.conftest import environment

pytestmark = [pytest.mark.e2e, pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")]

RECIPE = """
data: digits
model: resnet
preprocess: {image_size: 64}
training: {epochs: 1, batch_size: 256, threads: 1}
"""
PEAK = """
import ftkit as ft
from ftkit.recipe import read_recipe
ft.train(read_recipe("recipe.yaml"), process=False)
print(next(int(l.split()[1]) << 10 for l in open("/proc/self/status") if l.startswith("VmHWM")))
"""


def test_the_memory_told_is_what_it_takes(ftkit, tmp_path):
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    told = json.loads(ftkit("train", "recipe.yaml", "--plan", "--json").stdout)
    done = subprocess.run(
        [sys.executable, "-c", PEAK], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    took = int(done.stdout.split()[-1])
    assert told["memory"]["activations"] > 150 << 20
    assert 0.7 < sum(told["memory"].values()) / took < 1.4, (told["memory"], took)
