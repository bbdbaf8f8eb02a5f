"""The private memory a process comes to hold, sampled from /proc while it works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

IS_KNOWN = Path("/proc/self/status").exists()
WATCH = """
import re, sys, threading, time

def private():
    return int(re.search(r"RssAnon:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1000

def watch():
    global most
    while True:
        most = max(most, private())
        time.sleep(0.002)
"""


def most_of(before: str, work: str, path: Path) -> float:
    """The most a fresh process holds while it does some work, beyond what it held before, in MB.

    Both are Python; ``sys.argv[1]`` is the path.
    """
    watched = "before = most = private()\nthreading.Thread(target=watch, daemon=True).start()"
    told = "time.sleep(0.05)\nprint(most - before)"
    code = f"{WATCH}\n{before}\n{watched}\n{work}\n{told}"
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    return float(done.stdout)
