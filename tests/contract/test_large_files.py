"""No file of the project is over 500 kB; as a script it says so of the files it is given (pre-commit)."""

import subprocess
import sys
from pathlib import Path

LIMIT = 500_000
ROOT = Path(__file__).parents[2]


def too_large(paths):
    return [
        f"{p}: {p.stat().st_size:,} bytes; the limit is {LIMIT:,}."
        for p in paths
        if p.is_file() and p.stat().st_size > LIMIT
    ]


def test_no_tracked_file_is_large():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not too_large(ROOT / name for name in listed.split("\0") if name)


if __name__ == "__main__":
    found = too_large(map(Path, sys.argv[1:]))
    print("\n".join(found))
    sys.exit(bool(found))
