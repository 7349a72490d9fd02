"""The store's database: opened, brought up to date, out of reach, and killed in the middle of saving."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.script import ScriptDirectory

from recsys.store import UnavailableError, database_place, open_store
from recsys.store.database.connection import Database
from recsys.store.database.migrating import MIGRATIONS, VERSION_TABLE, migrate, migration_context
from recsys.store.database.schema import metadata
from tests.support.store_places import CHEAP, FRESH, PostgreSQL, signed_up

postgresql, fresh_place = FRESH
ROOT = Path(__file__).parents[2]
ROUNDS = {"sqlite": 100, "postgresql": 25}  # kills; a PostgreSQL server outlives them all
OPEN = "import sys; from recsys.store import open_store; open_store({place!r}).close(); print('opened')"


def as_text(place: str | Path) -> str:
    return place if isinstance(place, str) else f"sqlite:///{place}"


# ---- opening and migrating


def test_a_fresh_database_gets_the_tables_of_the_schema_and_no_others(fresh_place):
    open_store(fresh_place, config=CHEAP).close()
    with closing(Database(fresh_place)) as database, database.reading() as connection:
        context = migration_context(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == ScriptDirectory(str(MIGRATIONS)).get_current_head()


def test_what_was_kept_is_there_when_it_is_opened_again(fresh_place):
    with open_store(fresh_place, config=CHEAP) as store:
        token = store.accounts.register("Ann", "four random words", "here")
        store.ratings.set_rating(store.accounts.person_of(token), "films", 7, 4.5)
    with open_store(fresh_place, config=CHEAP) as store:
        assert {
            item: rating.stars for item, rating in store.ratings.of(store.accounts.person_of(token), "films").items()
        } == {7: 4.5}


def test_processes_that_open_a_fresh_database_at_once_all_succeed(fresh_place):
    code = OPEN.format(place=as_text(fresh_place))
    started = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    assert [process.communicate(timeout=60)[0].strip() for process in started] == ["opened"] * 3


def with_a_column_more(folder: Path, *, broken: bool = False) -> Path:
    """The migrations with one after them."""
    migrations = shutil.copytree(MIGRATIONS, folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    last = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    lines = [
        '"""More."""',
        "import sqlalchemy as sa",
        "from alembic import op",
        f'revision, down_revision = "next", "{last}"',
        "def upgrade():",
        "    op.add_column('ratings', sa.Column('mood', sa.Text, nullable=True))",
        "    raise ValueError('no further')" if broken else "    pass",
    ]
    (migrations / "versions" / "v9999_more.py").write_text("\n".join(lines) + "\n")
    return migrations


def columns(database: Database) -> set[str]:
    return {column["name"] for column in sa.inspect(database.engine).get_columns("ratings")}


def test_an_older_database_is_brought_up_to_date_with_all_that_it_holds(fresh_place, tmp_path):
    with open_store(fresh_place, config=CHEAP) as store:
        person = signed_up(store, "Ann")
        store.ratings.set_rating(person, "films", 7, 4.5)
        migrate(store._database, with_a_column_more(tmp_path))
        assert "mood" in columns(store._database)
        assert store.ratings.of(person, "films")[7].stars == 4.5


def test_a_migration_that_fails_changes_nothing(fresh_place, tmp_path):
    with open_store(fresh_place, config=CHEAP) as store:
        with pytest.raises(ValueError, match="no further"):
            migrate(store._database, with_a_column_more(tmp_path, broken=True))
        assert "mood" not in columns(store._database)
    open_store(fresh_place, config=CHEAP).close()


def test_a_database_of_a_newer_program_is_refused_and_left_alone(fresh_place, tmp_path):
    with open_store(fresh_place, config=CHEAP) as store:
        migrate(store._database, with_a_column_more(tmp_path))
    with pytest.raises(UnavailableError, match=r"got schema next, expected \w+ or an older one; update this program"):
        open_store(fresh_place, config=CHEAP)
    with closing(Database(fresh_place)) as database, database.reading() as connection:
        assert connection.execute(sa.text(f"SELECT * FROM {VERSION_TABLE}")).scalar() == "next"


# ---- out of reach


def test_only_its_owner_may_read_the_file(tmp_path):
    open_store(tmp_path / "new" / "people.sqlite", config=CHEAP).close()
    assert (tmp_path / "new" / "people.sqlite").stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ann, " * 500)
    with pytest.raises(UnavailableError, match=r"letter\.txt: the database cannot be used .*not a database"):
        open_store(path, config=CHEAP)
    assert path.read_text() == "Dear Ann, " * 500


def test_a_file_where_no_folder_can_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match=r"people\.sqlite: the file cannot be made"):
        open_store(tmp_path / "file" / "people.sqlite", config=CHEAP)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://ann:hush@127.0.0.1:1/films", r"ann:\*\*\*@127.0.0.1:1/films: the database cannot be used"),
        ("mysql://ann:hush@there/films", "got a URL of 'mysql'; expected postgresql://"),
        ("sqlite://", "got a URL of 'sqlite'; expected postgresql://"),
        ("people hush", "DATABASE_URL: got a text that is no URL"),
    ],
)
def test_a_url_that_leads_nowhere_is_refused_in_one_sentence_without_the_password(url, message):
    with pytest.raises(UnavailableError, match=message) as refusal:
        open_store(url, config=CHEAP)
    assert "hush" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_server_that_stops_is_told_in_one_sentence_and_used_again_when_it_is_back(postgresql: PostgreSQL):
    postgresql.run("DROP DATABASE IF EXISTS gone WITH (FORCE)")
    postgresql.run("CREATE DATABASE gone")
    with open_store(postgresql.url("gone"), config=CHEAP) as store:
        person = signed_up(store, "Ann")
        postgresql.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'gone'")
        store.ratings.set_rating(person, "films", 1, 3)
        postgresql.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'gone'")
        postgresql.run("ALTER DATABASE gone RENAME TO away")
        with pytest.raises(UnavailableError, match="the database cannot be used"):
            store.ratings.set_rating(person, "films", 2, 3)
        postgresql.run("ALTER DATABASE away RENAME TO gone")
        store.ratings.set_rating(person, "films", 2, 3)
        assert sorted(store.ratings.of(person, "films")) == [1, 2]


def test_the_environment_says_where_people_are_kept(tmp_path):
    assert database_place(tmp_path, {}) == tmp_path
    assert database_place(tmp_path, {"DATABASE_URL": " "}) == tmp_path
    assert database_place(tmp_path, {"DATABASE_URL": "postgresql://there"}) == "postgresql://there"


# ---- killed


def test_what_was_acknowledged_is_kept_when_the_process_is_killed_while_it_saves(fresh_place):
    n_rounds = ROUNDS["sqlite" if isinstance(fresh_place, Path) else "postgresql"]
    command = [sys.executable, "-m", "tests.support.store_kills", str(fresh_place), str(n_rounds)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    rounds = [[int(word) for word in line.split()] for line in ended.stdout.splitlines()]
    assert len(rounds) == n_rounds
    for acknowledged, kept, beyond in rounds:
        assert kept == acknowledged >= 1
        assert beyond in (0, 1)  # the one that was saved, and not yet acknowledged
    if isinstance(fresh_place, Path):
        with closing(sqlite3.connect(fresh_place)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
