"""Pages of a rehearsal end with it, however it ends."""

import os
import signal
import subprocess
import sys

import pytest

from eval.rehearsing import pages
from recsys.errors import DataError
from tests.support.pages.page_server import wait_for

STARTS = """
import sys, time
from pathlib import Path
from eval.rehearsing.pages import page
print(page(Path(sys.argv[1]), "sqlite:///" + sys.argv[1] + ".sqlite3", []).process.pid, flush=True)
time.sleep(600)
"""


def is_there(number):
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{number}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] != "Z"


def test_a_page_ends_when_whoever_started_it_is_killed(tmp_path):
    holder = subprocess.Popen([sys.executable, "-c", STARTS, tmp_path / "log"], stdout=subprocess.PIPE, text=True)
    with holder:
        number = int(holder.stdout.readline())
        assert is_there(number)
        holder.send_signal(signal.SIGKILL)
    wait_for(lambda: not is_there(number), 30, "the page's end")


def test_pages_end_with_the_block_even_if_one_does_not_start(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "ATTENDED", "import sys, time; print('so it is', flush=True); sys.exit(3)")
    with (
        pytest.raises(DataError, match="a page does not answer as it should; its log says: so it is"),
        pages.pages(tmp_path, "sqlite:///nowhere", [], 2),
    ):
        raise AssertionError("there are no pages")


def test_who_is_asked_to_end_ends_as_by_ctrl_c():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), pages.ended_by_signal():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before
