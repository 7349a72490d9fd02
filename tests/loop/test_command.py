"""`python -m recsys.loop report` on databases as people have them, and on what is none."""

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from recsys.loop.__main__ import main
from recsys.loop.words import TITLE
from recsys.store import Recommendations, open_store
from recsys.store.database.migrating import VERSION_TABLE
from recsys.store.part import utc_now
from recsys.versions.comparison import ENDED, end_comparison, new_comparison, write_comparison
from tests.loop.test_outcomes import ML, registered, show
from tests.support.store_places import CHEAP, FRESH, Clock

postgresql, fresh_place = FRESH


def told(capsys, *arguments):
    """Exit status and what was printed, to stdout and to stderr."""
    status = main(["report", *map(str, arguments)])
    found = capsys.readouterr()
    return status, found.out, found.err


def test_it_tells_what_became_of_lists_and_changes_nothing(fresh_place, capsys):
    clock = Clock()
    clock.moment = utc_now() - timedelta(days=20)
    with open_store(fresh_place, config=CHEAP, now=clock) as store:
        rng = np.random.default_rng(0)
        for number in range(24):
            person = registered(store, f"Person {number}", "no" if number == 0 else "yes")
            show(store, person, [int(item) for item in rng.permutation(40)[:10]])
            clock.advance(minutes=1)
            store.ratings.set_rating(person, ML, int(rng.integers(40)), 4.0)
    status, out, err = told(capsys, "--database", fresh_place, "--window", 7, "--json")
    assert (status, err) == (0, "")
    (part,) = json.loads(out)["versions"]
    assert (part["people"], part["lists"], part["films"]) == (20, 20, 230)  # of 23 people
    status, out, err = told(capsys, "--database", fresh_place, "--window", 7)
    assert (status, err) == (0, "")
    assert out.startswith(TITLE)
    assert "vae, one" in out
    assert "20 or more" in out
    out = told(capsys, "--database", fresh_place)[1]
    assert re.search(r"whose time is not over +about 230", out)


def test_it_learns_from_the_folder_of_versions_when_two_were_compared(tmp_path, capsys, monkeypatch):
    place, folder, clock = tmp_path / "people.sqlite3", tmp_path / "versions", Clock()
    clock.moment = utc_now() - timedelta(days=20)
    comparison = new_comparison("list", 1, 2, datetime(2026, 3, 3, 23, 30, tzinfo=UTC))
    with open_store(place, config=CHEAP, now=clock) as store:
        drafted = Recommendations(
            dataset=ML,
            model="vae",
            version="a+b",
            kind="for you",
            request={},
            films=[(1, 4.0)],
            comparison=comparison.label("a", "b"),
            picks=["a"],
        )
        store.history.record_list(registered(store, "Ann"), drafted)
    folder.mkdir()
    write_comparison(folder, comparison)
    end_comparison(folder, datetime(2026, 3, 20, tzinfo=UTC))

    def heading(*words):
        status, out, err = told(capsys, "--database", place, "--window", 7, *words)
        assert status == 0
        return next(line for line in out.splitlines() if " compared with " in line), err

    assert heading("--versions", folder) == ("Version b compared with a, by list, 3 Mar 2026 to 20 Mar 2026", "")
    assert heading()[0] == "Version b compared with a, by list"
    monkeypatch.setenv("MOVIE_VAE_VERSIONS", str(folder))
    assert heading()[0].endswith("3 Mar 2026 to 20 Mar 2026")
    monkeypatch.setenv("MOVIE_VAE_VERSIONS", "someone/movies")
    assert heading() == ("Version b compared with a, by list", "")
    (folder / ENDED).write_text("[]")
    shown, err = heading("--versions", folder)
    assert shown == "Version b compared with a, by list"
    assert "on which days versions were compared is not known: " in err
    with pytest.raises(SystemExit):
        main(["report", "--versions", str(folder / "none")])
    assert "which is no folder; expected one of versions" in capsys.readouterr().err


def test_an_empty_database_and_one_of_another_schema_are_told_in_a_sentence(tmp_path, capsys):
    place = tmp_path / "people.sqlite3"
    place.touch()
    assert told(capsys, "--database", place) == (
        2,
        "",
        f"recsys.loop: {place}: there are no accounts in it; name the database that the page has\n",
    )
    open_store(place).close()
    with closing(sqlite3.connect(place)) as connection, connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '0005'")
    before = place.read_bytes()
    status, out, err = told(capsys, "--database", f"sqlite:///{place}")
    assert (status, out) == (2, "")
    assert "got schema 0005, expected 0" in err
    assert "start the page with this program once" in err
    assert place.read_bytes() == before


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nowhere/people.sqlite3", "there is no database nowhere/people.sqlite3"),
        ("sqlite:////nowhere/people.sqlite3", "there is no database /nowhere/people.sqlite3"),
        ("mysql://ann:secret@host/people", "got a URL of 'mysql'"),
        ("postgresql://ann:secret@127.0.0.1:1/people", "postgresql+psycopg://ann:***@127.0.0.1:1/people: "),
        ("://", "got a text that is no URL"),
    ],
)
def test_a_wrong_place_is_told_in_a_sentence_without_its_password(url, words, capsys):
    status, out, err = told(capsys, "--database", url)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert words in err
    assert "secret" not in err


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "x", "9" * 5000, "²"])
def test_what_is_no_number_of_days_is_refused(days, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["report", f"--since={days}"])
    assert ended.value.code == 2
    assert "expected a number of days, such as 30" in capsys.readouterr().err


def test_a_period_without_a_window_in_it_is_told_in_a_sentence(capsys):
    assert told(capsys, "--since", 30) == (
        2,
        "",
        "recsys.loop: got a window of 30 days in a period of 30; expected a window of 1 day or more, and a longer "
        "period of at most 3,650 days\n",
    )
