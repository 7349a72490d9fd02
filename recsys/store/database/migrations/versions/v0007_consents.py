"""Whose ratings may improve everybody's recommendations. Nobody has been asked so far, so the table is empty."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "consents",
        sa.Column("person_id", NUMBER, nullable=False, autoincrement=False),
        sa.Column("agrees", sa.Boolean, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pseudonym", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_consents"),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.id"], name="fk_consents_person_id", ondelete="CASCADE"),
        sa.UniqueConstraint("pseudonym", name="uq_consents_pseudonym"),
    )
