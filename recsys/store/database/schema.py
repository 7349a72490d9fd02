"""The tables. A change here needs a new file in migrations/versions; a test compares the two.

    accounts            who registered, with a password or by another site
    identities          who somebody is at another site
    sessions            who is signed in; of a token, only its SHA-256
    attempts            wrong passwords and registrations of late; of names and addresses, only a keyed digest
    places              where somebody has signed in; a keyed digest of name and address, likewise
    secrets             random keys that all processes share
    ratings, marks      what holds now, once for every person and film
    changes             what was changed, so that it can be undone and drawn over time
    lists, list_films   recommendations that were shown
    gone                how many older changes and lists are no longer kept
    films               what the films are called that all these know by numbers; nobody's
    consents            whose ratings may improve everybody's recommendations; no row: not answered
    declined            offers to take ratings over from another data set that somebody does not want
    evenings, seats     people who look for a film together, for the hours that this goes on; where processes share them
    farewells           who is still to be told that they have left an evening
    wrong_codes         wrong codes of evenings of late; of visitors and addresses, only a keyed digest

Whatever belongs to a person goes with the account. Numbers of accounts are not used twice, unless a backup takes the
place of a database.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

NAMING = {  # so that a migration can name what it changes
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = sa.MetaData(naming_convention=NAMING)


class Moment(sa.TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond; SQLite, which has no time zones, is given it without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware datetime into what the database keeps."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Turn it back into an aware one."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite counts on only in a column called INTEGER


def _of_person(**options: Any) -> sa.Column[int]:
    return sa.Column("person_id", NUMBER, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, **options)


accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", NUMBER, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),  # as it is shown
    sa.Column("name_key", sa.Text, nullable=False, unique=True),  # as it is compared
    sa.Column("password_hash", sa.Text),  # NULL: signs in by another site only
    sa.Column("registered_at", Moment, nullable=False),
    sqlite_autoincrement=True,
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("provider", sa.Text, primary_key=True),  # the other site, such as "huggingface"
    sa.Column("subject", sa.Text, primary_key=True),  # what it calls the person, for good
    _of_person(index=True),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    _of_person(index=True),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", NUMBER, primary_key=True),
    sa.Column("subject", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
    sa.Index(None, "subject", "at"),
)

places = sa.Table(
    "places",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    _of_person(index=True),
    sa.Column("at", Moment, nullable=False),
)

secrets = sa.Table(
    "secrets",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)

ratings = sa.Table(
    "ratings",
    metadata,
    _of_person(primary_key=True),
    sa.Column("dataset", sa.Text, primary_key=True),
    sa.Column("item_id", sa.BigInteger, primary_key=True),
    sa.Column("stars", sa.Double, nullable=False),
    sa.Column("at", Moment, nullable=False),  # when it was given, as whoever imports it says
    sa.Column("entered_at", Moment),  # when it came to hold here; NULL: at that moment
)

marks = sa.Table(
    "marks",
    metadata,
    _of_person(primary_key=True),
    sa.Column("dataset", sa.Text, primary_key=True),
    sa.Column("item_id", sa.BigInteger, primary_key=True),
    sa.Column("mark", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("id", NUMBER, primary_key=True),
    _of_person(),
    sa.Column("step", sa.BigInteger, nullable=False),  # what was changed at once has the same, and is undone at once:
    # the number of its first change, of those of the person
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("item_id", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # "stars" or "mark": which of the two below it is about
    sa.Column("at", Moment, nullable=False),
    sa.Column("stars", sa.Double),  # from then on; NULL: none
    sa.Column("mark", sa.Text),
    sa.Column("stars_before", sa.Double),  # until then
    sa.Column("mark_before", sa.Text),
    sa.Column("at_before", Moment),
    sa.Index(None, "person_id", "step"),
    sqlite_autoincrement=True,
)

lists = sa.Table(
    "lists",
    metadata,
    sa.Column("number", NUMBER, primary_key=True),  # in the order of saving
    sa.Column("id", sa.Text, nullable=False, unique=True),  # what a page may show: random, so that it tells nothing
    _of_person(),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("request", sa.Text, nullable=False),  # JSON
    sa.Column("shown_at", Moment, nullable=False),
    sa.Column("comparison", sa.Text),  # of two versions, to which it belongs; NULL: to none
    sa.Index(None, "person_id", "number"),
    sqlite_autoincrement=True,
)

list_films = sa.Table(
    "list_films",
    metadata,
    sa.Column("list_number", NUMBER, sa.ForeignKey("lists.number", ondelete="CASCADE"), primary_key=True),
    sa.Column("rank", sa.Integer, primary_key=True, autoincrement=False),  # from 0, best first
    sa.Column("item_id", sa.BigInteger, nullable=False),
    sa.Column("stars", sa.Double),  # expected; NULL: the model expects none
    sa.Column("version", sa.Text),  # that chose it, where the list is of two; NULL: that of the list, or neither did
)

gone = sa.Table(
    "gone",
    metadata,
    _of_person(primary_key=True, autoincrement=False),
    sa.Column("changes", sa.BigInteger, nullable=False),
    sa.Column("lists", sa.BigInteger, nullable=False),
)

films = sa.Table(
    "films",
    metadata,
    sa.Column("dataset", sa.Text, primary_key=True),
    sa.Column("item_id", sa.BigInteger, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),  # without the year
    sa.Column("year", sa.Integer),
    sa.Column("imdb", sa.Text),  # "tt0114709"
    sa.Column("tmdb", sa.BigInteger),
    sa.Column("highest", sa.Double, nullable=False),  # the most stars that the data set gives
)

declined = sa.Table(
    "declined",
    metadata,
    _of_person(primary_key=True, autoincrement=False),
    sa.Column("dataset", sa.Text, primary_key=True),  # which the ratings are not to be taken into
    sa.Column("other", sa.Text, primary_key=True),  # where they are from
    sa.Column("at", Moment, nullable=False),
)

consents = sa.Table(
    "consents",
    metadata,
    _of_person(primary_key=True, autoincrement=False),
    sa.Column("agrees", sa.Boolean, nullable=False),
    sa.Column("at", Moment, nullable=False),  # of the last answer
    sa.Column("pseudonym", sa.Text, nullable=False, unique=True),  # random: by it, no name is told
)

evenings = sa.Table(
    "evenings",
    metadata,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("address", sa.LargeBinary, nullable=False, index=True),  # where it was begun: a keyed digest
    sa.Column("began", Moment, nullable=False),
    sa.Column("used_at", Moment, nullable=False),
    sa.Column("said", sa.Text, nullable=False),  # JSON: settings and votes
)

seats = sa.Table(
    "seats",
    metadata,
    sa.Column("code", sa.Text, sa.ForeignKey("evenings.code", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),  # in the order in which people came
    sa.Column("owner", sa.Text, nullable=False, index=True),  # a digest of the cookie of a browser
    sa.Column("by_file", sa.Boolean, nullable=False),
    sa.Column("said", sa.Text, nullable=False),  # JSON: name, stars, films not to list
)

farewells = sa.Table(
    "farewells",
    metadata,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)

wrong_codes = sa.Table(
    "wrong_codes",
    metadata,
    sa.Column("subject", sa.LargeBinary, primary_key=True),
    sa.Column("first_at", Moment, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
)
