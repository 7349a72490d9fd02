"""Accounts without a password, for those who sign in by another site.

SQLite can make a column optional only by making its table anew, and to drop the old one would delete, by cascade, all
that belongs to anybody. So the hashes move to a column that takes the place of theirs; the table stays, and so does
the count of its numbers.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make passwords optional, and a table of identities."""
    make_passwords_optional()
    make_identities()


def make_passwords_optional() -> None:
    """Let an account have no hash."""
    op.add_column("accounts", sa.Column("optional_hash", sa.Text, nullable=True))
    op.execute("UPDATE accounts SET optional_hash = password_hash")
    op.drop_column("accounts", "password_hash")
    op.alter_column("accounts", "optional_hash", new_column_name="password_hash")


def make_identities() -> None:
    """Who somebody is elsewhere."""
    op.create_table(
        "identities",
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("provider", "subject", name="pk_identities"),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.id"], name="fk_identities_person_id", ondelete="CASCADE"),
    )
    op.create_index("ix_identities_person_id", "identities", ["person_id"])
