"""What films are called that the store knows by numbers, so that nothing depends on the data set that numbers them.

And which offers, to take ratings over from one data set to another, a person has declined.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables; the first is filled by a page that knows the films."""
    op.create_table(
        "films",
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("item_id", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("imdb", sa.Text),
        sa.Column("tmdb", sa.BigInteger),
        sa.Column("highest", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("dataset", "item_id", name="pk_films"),
    )
    op.create_table(
        "declined",
        sa.Column("person_id", NUMBER, nullable=False, autoincrement=False),
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("other", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "dataset", "other", name="pk_declined"),
        sa.ForeignKeyConstraint(["person_id"], ["accounts.id"], name="fk_declined_person_id", ondelete="CASCADE"),
    )
