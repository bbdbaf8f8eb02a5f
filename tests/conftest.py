"""What every test may use."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
if "FTKIT_CACHE" not in os.environ:  # tests leave nothing in the user's cache folder
    _CACHE = tempfile.TemporaryDirectory(prefix="ftkit-cache-")
    os.environ["FTKIT_CACHE"] = _CACHE.name
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data sets, which exists beside the project in development only."""
    if not SHARED.is_dir():
        pytest.skip(f"the real data sets are not there: {SHARED}")
    return SHARED
