"""Evenings of several people, where several processes share them. None is kept longer than it goes on."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables, which are empty."""
    op.create_table(
        "evenings",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("began", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_evenings"),
    )
    op.create_index("ix_evenings_address", "evenings", ["address"])
    op.create_table(
        "seats",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("by_file", sa.Boolean, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("code", "number", name="pk_seats"),
        sa.ForeignKeyConstraint(["code"], ["evenings.code"], name="fk_seats_code", ondelete="CASCADE"),
    )
    op.create_index("ix_seats_owner", "seats", ["owner"])
    op.create_table(
        "farewells",
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_farewells"),
    )
    op.create_table(
        "wrong_codes",
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_wrong_codes"),
    )
