"""Data workers: what they read is what is there; one that dies is said and replaced; none outlives the run."""

import os
import pickle
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ftkit as ft
from ftkit.errors import FtkitError
from ftkit.preprocess import ImageInput
from ftkit.runs.image import data_workers
from ftkit.runs.readers import ImageReader
from ftkit.training.data_workers import DataWorkers, Fetched
from ftkit.training.memory import host_memory

FORM = ImageInput(8, 8, 1)


@pytest.fixture
def begin():
    """``begin(read, count)``: data workers, what they have told, and the rows they read; ended after the test."""
    begun = []

    def call(read=None, count=2, names=None):
        view = ft.read("digits")
        told = []
        workers = DataWorkers(
            read or ImageReader(view, FORM),
            count,
            lambda event, **said: told.append(said),
            view.ids if names is None else names,
        )
        begun.append(workers)
        return workers, told, Fetched(workers, (len(view), 8, 8, 1))

    yield call
    for workers in begun:
        workers.close()


def gone(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state in "ZX"


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_rows_are_those_of_the_view_in_any_order(begin):
    _, told, fetched = begin()
    whole, _ = FORM.pixels(ft.read("digits"))
    batches = [np.arange(0, 32), np.arange(64, 32, -1), np.array([5, 1000, 7])]
    fetched.ahead(batches)
    for batch in batches:
        for part in (batch[:2], batch[1:], batch):  # as micro-batches ask
            np.testing.assert_array_equal(fetched[part], whole[part])
    np.testing.assert_array_equal(fetched[np.array([1, 1796])], whole[[1, 1796]])  # not announced
    np.testing.assert_array_equal(fetched.part(np.array([9, 8, 7]))[np.array([2, 0])], whole[[7, 9]])
    assert told == []


def test_batches_that_are_passed_over_are_not_waited_for(begin):
    _, _, fetched = begin()
    whole, _ = FORM.pixels(ft.read("digits"))
    batches = [np.arange(at, at + 8) for at in range(0, 80, 8)]
    fetched.ahead(iter(batches))
    np.testing.assert_array_equal(fetched[batches[2]], whole[16:24])
    fetched.ahead(iter(batches[5:]))  # a plan anew, as after a change of the batch size
    np.testing.assert_array_equal(fetched[batches[5]], whole[40:48])


def test_no_more_is_read_ahead_than_a_few_batches(begin):
    _, _, fetched = begin(count=2)
    taken = []
    fetched.ahead(taken.append(at) or np.arange(at, at + 8) for at in range(0, 800, 8))
    time.sleep(0.5)
    assert len(taken) == 3
    fetched[np.arange(8)]
    assert len(taken) == 4


def test_a_worker_that_is_killed_is_said_and_replaced(begin):
    workers, told, fetched = begin(count=1)
    whole, _ = FORM.pixels(ft.read("digits"))
    fetched[np.arange(4)]
    (pid,) = workers.pids
    os.kill(pid, signal.SIGKILL)
    np.testing.assert_array_equal(fetched[np.arange(4, 40)], whole[4:40])
    (said,) = told
    assert said["data_worker"] == pid
    assert f"Data worker {pid} was ended by SIGKILL while it read " in said["message"]
    assert said["rows"] == list(ft.read("digits").ids[4:12])
    assert workers.pids != [pid]


def test_workers_that_die_over_the_same_rows_are_an_error(begin):
    view = ft.read("digits")
    workers, told, fetched = begin(read=partial(os.kill, "not a pid"))  # raises what no reader may
    with pytest.raises(FtkitError, match=r"3 data workers died, one after the other, while they read .*worker.log"):
        fetched[np.array([3, 4])]
    assert [said["rows"] for said in told] == [list(view.ids[3:5])] * 3
    assert workers.pids == []


def test_what_cannot_be_read_is_said(begin, tmp_path):
    for label in ("猫", "狗"):
        (tmp_path / "图片" / label).mkdir(parents=True)
        for number in range(3):
            Image.fromarray(np.full((8, 8), 40 * number, np.uint8)).save(
                tmp_path / "图片" / label / f"照片{number}.png"
            )
    view = ft.read(str(tmp_path / "图片"))
    _, _, fetched = begin(read=ImageReader(view, FORM), count=1, names=view.ids)
    np.testing.assert_array_equal(fetched[np.arange(3)], FORM.pixels(view)[0][:3])
    (tmp_path / "图片" / "猫" / "照片1.png").unlink()
    place = next(i for i, name in enumerate(view.ids) if name.endswith("猫/照片1.png"))
    with pytest.raises(FtkitError, match=r"猫/照片1.png: the file is not there. It could be read when the run began"):
        fetched[np.array([place])]


def test_none_outlives_close(begin):
    workers, _, fetched = begin()
    fetched.ahead([np.arange(8), np.arange(8, 16), np.arange(16, 24)])
    fetched[np.arange(8)]
    pids = workers.pids
    assert pids
    workers.close()
    assert all(map(gone, pids))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="finds processes in /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_none_outlives_the_process_that_started_them(how):
    code = (
        "import numpy as np, time, ftkit as ft\n"
        "from ftkit.preprocess import ImageInput\n"
        "from ftkit.runs.readers import ImageReader\n"
        "from ftkit.training.data_workers import DataWorkers, Fetched\n"
        "view = ft.read('digits')\n"
        "workers = DataWorkers(ImageReader(view, ImageInput(8, 8, 1)), 2, print, view.ids)\n"
        "fetched = Fetched(workers, (len(view), 8, 8, 1))\n"
        "fetched.ahead(np.arange(8) for _ in range(9))\n"
        "fetched[np.arange(8)]\n"
        "print(*workers.pids, flush=True)\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pids = list(map(int, process.stdout.readline().split()))
    assert pids
    process.send_signal(how)
    process.communicate()
    wait_until(lambda: all(map(gone, pids)))


@pytest.mark.parametrize(
    ("asked", "needed", "free", "cores", "count"),
    [
        ("auto", 1 << 30, 4 << 30, 8, 0),
        ("auto", 3 << 30, 4 << 30, 8, 7),
        ("auto", 3 << 30, 4 << 30, 1, 1),
        ("auto", 3 << 30, 4 << 30, 64, 8),
        ("auto", 1 << 30, None, 4, 0),
        ("auto", 3 << 30, None, 4, 3),
        (0, 99 << 30, 4 << 30, 8, 0),
        (5, 1, 4 << 30, 1, 5),
    ],
)
def test_how_many_there_are(asked, needed, free, cores, count):
    assert data_workers(asked, needed, free, cores) == count


def test_a_container_has_its_own_limit(tmp_path):
    (tmp_path / "proc").mkdir()
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9 kB\nMemAvailable:    8000 kB\n")
    assert host_memory(tmp_path) == 8000 * 1024
    for name, value in (("max", "5000000\n"), ("current", "4000000\n"), ("stat", "anon 1\ninactive_file 500000\n")):
        (tmp_path / "sys/fs/cgroup" / f"memory.{name}").write_text(value)
    assert host_memory(tmp_path) == 1_500_000
    (tmp_path / "sys/fs/cgroup/memory.max").write_text("max\n")
    assert host_memory(tmp_path) == 8000 * 1024
    assert host_memory(tmp_path / "elsewhere") is None


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_what_a_worker_is_sent_does_not_grow_with_the_rows_on_disk(kind, tmp_path, monkeypatch):
    monkeypatch.setattr("ftkit.data.jsonl.BIG", 1000)  # a large file, kept as one that memory maps
    path, table = tmp_path / f"数据.{kind}", ft.read("wine")
    table.save(path) if kind == "parquet" else table.to_pandas().to_json(path, orient="records", lines=True)
    view = ft.read(str(path))
    again = pickle.loads(pickle.dumps(view))
    assert again.fingerprint == view.fingerprint
    assert len(pickle.dumps(view._reading.source)) < path.stat().st_size / 2
