"""The database hangs while people are at the page: guests go on, members are told, and nothing is lost."""

import asyncio

import pytest

from recsys.artifacts.artifact import save_artifact
from recsys.serve.accounts.members import OUT_OF_REACH
from recsys.serve.concurrency import LATE
from recsys.store.errors import UNKNOWN
from tests.load.page_freeze import DATABASES, hung
from tests.load.page_load import Load, titles_of
from tests.support.pages.page_server import made, served, write_board
from tests.support.store_places import programs_of_postgresql
from tests.support.unavailable import unavailable

LOAD = Load(people=6, seconds=4.5, warm_up=1.0, pause=0.3, seldom=0.0)


@pytest.mark.parametrize("kind", DATABASES)
def test_guests_go_on_while_the_database_hangs_and_members_are_told_at_once_and_lose_nothing(kind, tmp_path):
    if kind == "postgresql" and programs_of_postgresql() is None:
        unavailable("no PostgreSQL server is installed (apt-get install postgresql)")
    board = write_board(tmp_path / "board")
    save_artifact(tmp_path / "model", made("ease", board).artifact)
    asked = ("--model", str(tmp_path / "model"), "--dataset", str(board))
    with DATABASES[kind]() as database, served(tmp_path / "log", *asked, database=database[0], forked=True) as url:
        course = asyncio.run(hung(url, titles_of(board), database, LOAD))
    assert course.wrong == []
    refusal = f"Not kept: {OUT_OF_REACH}"
    assert refusal in course.told
    assert course.told.keys() <= {refusal, LATE, UNKNOWN}  # the others where an act is under way for too long
    assert len(course.guests) > len(course.members) / 2
    assert sorted(course.guests)[len(course.guests) // 2] < 2  # seconds, on a machine that has other work
    assert max(course.members) < 10  # seconds likewise; on a quiet one, 5
    assert course.arrival < 20
    log = (tmp_path / "log").read_text()
    assert "it answers again." in log
    assert "Traceback" not in log
    assert len(log.splitlines()) < 8  # not a line for everybody who was told
