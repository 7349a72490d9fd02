"""What is too large, or cut off, is told before work is lost: memory, disk, the last line of a file."""

import gc
import io
import subprocess
import sys
import weakref
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from recsys.data.movielens import load_dataset
from recsys.data.sources import published, room
from recsys.data.sources.published import Published
from recsys.data.sources.room import BYTES_PER_RATING, n_lines_about
from recsys.errors import DataError
from recsys.free_memory import free_memory, give_back, settle
from tests.support.data_folders import write_csv, write_double_colon, write_tabbed

ROOT = Path(__file__).parents[3]
FILES = {"u.data": (write_tabbed, "\t"), "ratings.dat": (write_double_colon, "::"), "ratings.csv": (write_csv, ",")}


# ---- memory


def machine(folder, *, available_kb: int, group: str = "/", **limits: str):
    """Folders as Linux tells of memory in them."""
    (folder / "proc/self").mkdir(parents=True)
    (folder / "proc/meminfo").write_text(
        f"MemTotal:  99999999 kB\nMemAvailable: {available_kb} kB\nSwapTotal: 5 kB\nSwapFree:   10 kB\nHugePages: 0\n"
    )
    (folder / "proc/self/cgroup").write_text(f"4:memory:/elsewhere\n0::{group}\n")
    for place, (limit, used, files) in limits.items():
        at = folder / "groups" / place.replace("_", "/").strip("/")
        at.mkdir(parents=True, exist_ok=True)
        (at / "memory.max").write_text(f"{limit}\n")
        (at / "memory.current").write_text(f"{used}\n")
        (at / "memory.stat").write_text(f"active_file 7\ninactive_file {files}\n")
    return folder / "proc", folder / "groups"


@pytest.mark.parametrize(
    ("group", "limits", "expected"),
    [
        ("/", {}, 110 * 1024),
        ("/", {"_": ("max", "5", "0")}, 110 * 1024),
        ("/", {"_": ("9000", "5000", "300")}, 4300),
        ("/a/b", {"a": ("9000", "5000", "0"), "a_b": ("max", "5000", "0")}, 4000),
        ("/a/b", {"a": ("9000", "5000", "0"), "a_b": ("3000", "2500", "100")}, 600),
        ("/a", {"a": ("9000", "9500", "0")}, 0),
        ("/a", {"a": ("999999999", "0", "0")}, 110 * 1024),
        ("/../..", {}, 110 * 1024),
    ],
)
def test_free_memory_is_that_of_the_machine_or_of_a_group_that_has_less(tmp_path, group, limits, expected):
    assert free_memory(*machine(tmp_path, available_kb=100, group=group, **limits)) == expected


def test_nothing_is_known_of_memory_where_nothing_is_said(tmp_path):
    assert free_memory(tmp_path, tmp_path) is None
    (tmp_path / "meminfo").write_text("Whatever: else\n")
    assert free_memory(tmp_path, tmp_path) is None


class Circle:
    """What refers to itself."""

    def __init__(self):
        self.itself = self


def test_garbage_is_looked_for_only_in_what_came_after_a_process_has_settled():
    before = Circle()
    try:
        settle()
        after = weakref.ref(Circle())
        is_looked_through = any(each is before for each in gc.get_objects())
        give_back()
    finally:
        gc.unfreeze()
    assert (is_looked_through, after()) == (False, None)


LARGE_AFTER_LARGE = """
import ctypes
import sys
import numpy as np
from recsys.free_memory import keep_large_apart

class Allocated(ctypes.Structure):  # hblks: how many pieces have pages of their own
    _fields_ = [(name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks")] + [
        (name, ctypes.c_size_t) for name in ("fsmblks", "uordblks", "fordblks", "keepcost")
    ]

told = getattr(ctypes.CDLL(None), "mallinfo2", None)
if told is None:
    sys.exit("this C library does not tell")
told.restype = Allocated
if "apart" in sys.argv:
    keep_large_apart()
dropped = np.ones(2**24, dtype=np.uint8)
del dropped
before = told().hblks
kept = np.ones(2**21, dtype=np.uint8)
print(told().hblks - before)
"""


@pytest.mark.parametrize(("asked", "n_apart"), [("apart", 1), ("as it is", 0)])
def test_what_is_large_goes_back_to_the_system_whatever_was_dropped_before(asked, n_apart):
    """In a process of its own: what other tests left free in this one would be taken first."""
    asked = [sys.executable, "-c", LARGE_AFTER_LARGE, asked]
    ended = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True)
    if "does not tell" in ended.stderr:
        pytest.skip(ended.stderr.strip())
    assert ended.stdout == f"{n_apart}\n", ended.stderr


def test_lines_are_judged_by_those_in_the_middle(tmp_path):
    path = tmp_path / "long"
    path.write_text("".join(f"{row},{row},4.0,1000000000\n" for row in range(20_000)))
    assert abs(n_lines_about(path) - 20_000) < 1000
    path.write_bytes(b"")
    assert n_lines_about(path) == 0


@pytest.mark.parametrize(("free", "such_as"), [(25 * 10**6 * BYTES_PER_RATING, ", such as those of ml-25m"), (200, "")])
def test_too_little_memory_is_told_before_a_file_is_read(tmp_path, monkeypatch, free, such_as):
    folder = write_csv(tmp_path)
    monkeypatch.setattr(room, "SMALL", 0)
    monkeypatch.setattr(room, "free_memory", lambda: free)
    monkeypatch.setattr(room, "n_lines_about", lambda path: 32_000_000)
    with pytest.raises(DataError) as refusal:
        load_dataset(folder, min_ratings=1)
    assert str(refusal.value) == (
        "ratings.csv has about 32,000,000 ratings, which take about 1.8 GB of memory to read and check, and "
        f"{free / 1e9:.1f} GB are free. End other programs, or take ratings of fewer people: about "
        f"{free // BYTES_PER_RATING:,} would fit{such_as}."
    )


@pytest.mark.parametrize("free", [None, 40 * 10**6 * BYTES_PER_RATING])
def test_memory_that_is_enough_or_unknown_is_no_trouble(tmp_path, monkeypatch, free):
    monkeypatch.setattr(room, "SMALL", 0)
    monkeypatch.setattr(room, "free_memory", lambda: free)
    monkeypatch.setattr(room, "n_lines_about", lambda path: 32_000_000)
    assert load_dataset(write_csv(tmp_path), min_ratings=1).ratings.n_ratings == 6


def test_a_small_file_is_read_whatever_is_free(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "free_memory", lambda: 0)
    assert load_dataset(write_csv(tmp_path), min_ratings=1).ratings.n_ratings == 6


# ---- disk


def test_a_disk_that_is_too_small_is_told_before_anything_is_unpacked(tmp_path, monkeypatch):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("tiny/ratings.csv", b"0" * 3_000_000)
    (tmp_path / "tiny.zip").write_bytes(body.getvalue())
    monkeypatch.setattr("recsys.data.sources.cache.shutil.disk_usage", lambda _: SimpleNamespace(free=2_000_000))
    with pytest.raises(OSError, match="3 MB are to be written, and 2 MB are free in"):
        published._unpack(tmp_path / "tiny.zip", tmp_path, Published(folder="tiny", files=("ratings.csv",)))
    assert not (tmp_path / "ratings.csv").exists()


# ---- a file that is cut off

TIMES = (964982703, 1260759144, 1112486027, 978300760, 1537109082)


def with_times(folder, file: str, times, end: str = ""):
    write, separator = FILES[file]
    rows = [separator.join(map(str, (7 + at, 10, 3, time))) for at, time in enumerate(times)]
    header = ["userId,movieId,rating,timestamp"] if file == "ratings.csv" else []
    (write(folder) / file).write_text("\n".join([*header, *rows]) + end)
    (folder / "u.user").unlink(missing_ok=True)
    (folder / "users.dat").unlink(missing_ok=True)
    return folder


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("last", [1, 97, 11124, 112345678, 96498270])
def test_a_last_line_that_is_cut_off_in_its_time_is_told(tmp_path, file, last):
    times, line = (*TIMES, last), len(TIMES) + 1 + (file == "ratings.csv")
    with pytest.raises(DataError) as refusal:
        load_dataset(with_times(tmp_path, file, times), min_ratings=1)
    assert str(refusal.value) == (
        f"{file} line {line}, the last, does not end, and its timestamp is {last} where every other is at least "
        "964982703: the file seems to be cut off there. Put the full file there, or end that line with a line break if "
        "it is whole."
    )
    for end in ("\n", "\r\n", "\n\n"):
        folder = with_times(tmp_path, file, times, end)
        assert load_dataset(folder, min_ratings=1).ratings.timestamp.tolist() == list(times)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "times",
    [
        *([*TIMES[:-1], last] for last in (978300760, 964982703, 0, 900000000, 789652009, -5)),
        [100, 101, 102, 99],
        [0, 0, 0],
        [5],
        [1537109082, 90],
    ],
)
def test_a_whole_last_line_needs_no_end(tmp_path, file, times):
    folder = with_times(tmp_path, file, times)
    assert load_dataset(folder, min_ratings=1).ratings.timestamp.tolist() == times


@pytest.mark.parametrize("file", FILES)
def test_a_last_line_that_is_cut_off_before_its_time_is_told(tmp_path, file):
    write, separator = FILES[file]
    path = write(tmp_path) / file
    whole = path.read_bytes().rstrip(b"\n")
    for n_bytes in range(1, len(separator) + 3):
        path.write_bytes(whole[: -3 - n_bytes + 1])  # the time has three digits
        with pytest.raises(DataError, match=f"^{file} line {6 + (file == 'ratings.csv')}"):
            load_dataset(tmp_path, min_ratings=1)
