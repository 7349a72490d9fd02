"""Brings a database to the present schema by the files of migrations/versions, in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError
from sqlalchemy.engine import Connection

from recsys.store.database.connection import Database
from recsys.store.errors import UnavailableError

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "movie_vae_schema"  # not Alembic's own name, which another program in the same database may use
LOCK = b"movies"  # what two processes that migrate must not pass at once


def migrate(database: Database, migrations: Path = MIGRATIONS) -> None:
    """Bring the schema up to date, in one transaction; a second process waits for it and finds nothing left to do.

    Args:
        database: fresh, or of any version so far.
        migrations: folder with a folder `versions`, in Alembic's format.

    Raises:
        UnavailableError: the schema is newer than these migrations, or the database cannot be used.
    """
    with database.patiently() as connection:
        database.lock(connection, LOCK)
        context, script = migration_context(connection), ScriptDirectory(str(migrations))
        with _newer_refused(database, context, script), Operations.context(context):
            for revision in reversed([*script.iterate_revisions("heads", context.get_current_revision())]):
                revision.module.upgrade()
            context.stamp(script, "heads")


def require_present(database: Database, migrations: Path = MIGRATIONS) -> None:
    """Check that a database has the present schema, and change nothing.

    Raises:
        UnavailableError: it has none, or another one, or cannot be used.
    """
    with database.reading() as connection:
        came = migration_context(connection).get_current_revision()
    known = ScriptDirectory(str(migrations)).get_current_head()
    if came == known:
        return
    if came is None:
        raise UnavailableError(database.place, "there are no accounts in it", "name the database that the page has")
    fix = "start the page with this program once, which brings it to that; or update this program, if it is older"
    raise UnavailableError(database.place, f"got schema {came}, expected {known}", fix)


def migration_context(connection: Connection) -> MigrationContext:
    """Where Alembic works."""
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})


@contextmanager
def _newer_refused(database: Database, context: MigrationContext, script: ScriptDirectory) -> Iterator[None]:
    """Turn Alembic's complaint about a version that it does not know into a sentence."""
    try:
        yield
    except (CommandError, RevisionError):
        came, known = context.get_current_revision(), script.get_current_head()
        reason = f"got schema {came}, expected {known} or an older one"
        raise UnavailableError(database.place, reason, "update this program, which is older than the data") from None
