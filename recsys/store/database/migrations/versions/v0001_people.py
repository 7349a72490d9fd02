"""People, what they rated and marked, and what they were shown."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables."""
    make_accounts()
    make_films_of_people()
    make_changes()
    make_lists()


def make_accounts() -> None:
    """Who may sign in, and who is."""
    op.create_table(
        "accounts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("registered_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name_key", name="uq_accounts_name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sessions"),
        of_person("sessions"),
    )
    op.create_index("ix_sessions_person_id", "sessions", ["person_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "attempts",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_at", "attempts", ["at"])
    op.create_index("ix_attempts_subject_at", "attempts", ["subject", "at"])
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )


def make_films_of_people() -> None:
    """What holds now."""
    for table, value in (("ratings", sa.Column("stars", sa.Double, nullable=False)), ("marks", mark_column())):
        op.create_table(
            table,
            sa.Column("person_id", NUMBER, nullable=False),
            sa.Column("dataset", sa.Text, nullable=False),
            sa.Column("item_id", sa.BigInteger, nullable=False),
            value,
            sa.Column("at", MOMENT, nullable=False),
            sa.PrimaryKeyConstraint("person_id", "dataset", "item_id", name=f"pk_{table}"),
            of_person(table),
        )


def mark_column() -> sa.Column[str]:
    """What a film was marked as."""
    return sa.Column("mark", sa.Text, nullable=False)


def make_changes() -> None:
    """What was changed."""
    op.create_table(
        "changes",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("stars", sa.Double),
        sa.Column("mark", sa.Text),
        sa.Column("stars_before", sa.Double),
        sa.Column("mark_before", sa.Text),
        sa.Column("at_before", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        of_person("changes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_changes_person_id_step", "changes", ["person_id", "step"])


def make_lists() -> None:
    """What was shown."""
    op.create_table(
        "lists",
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("shown_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_lists"),
        sa.UniqueConstraint("id", name="uq_lists_id"),
        of_person("lists"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_lists_person_id_number", "lists", ["person_id", "number"])
    op.create_table(
        "list_films",
        sa.Column("list_number", NUMBER, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("stars", sa.Double),
        sa.PrimaryKeyConstraint("list_number", "rank", name="pk_list_films"),
        sa.ForeignKeyConstraint(
            ["list_number"], ["lists.number"], name="fk_list_films_list_number", ondelete="CASCADE"
        ),
    )


def of_person(table: str) -> sa.ForeignKeyConstraint:
    """What makes rows go with the account that they belong to."""
    return sa.ForeignKeyConstraint(["person_id"], ["accounts.id"], name=f"fk_{table}_person_id", ondelete="CASCADE")
