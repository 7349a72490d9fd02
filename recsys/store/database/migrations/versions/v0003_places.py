"""Where people have signed in, so that what strangers try elsewhere does not keep them out."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make a table of places."""
    op.create_table(
        "places",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("person_id", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_places"),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.id"], name="fk_places_person_id", ondelete="CASCADE"),
    )
    op.create_index("ix_places_person_id", "places", ["person_id"])
