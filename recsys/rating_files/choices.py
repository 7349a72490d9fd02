"""What somebody says of a table that is not known here, and what is asked."""

from dataclasses import dataclass

from recsys.errors import DataError
from recsys.rating_files.entries import shown

LARGEST_SCALE = 1000


@dataclass(frozen=True, kw_only=True)
class ColumnChoice:
    """Which columns of a table hold what, by their names; the n-th of one name is called "name (n)".

    Attributes:
        title: the films' titles, with or without years in parentheses.
        rating: what the person gave.
        highest: the most that can be given.
        year: years of release, or dates; "": there is no such column.
        date: when the ratings were given; "": there is no such column.
        zero_is_rating: whether 0 is the lowest rating, or else means "not rated"; None: there is no 0.

    Raises:
        DataError: highest is no number above 0, or one column is to be two things.
    """

    title: str
    rating: str
    highest: float
    year: str = ""
    date: str = ""
    zero_is_rating: bool | None = None

    def __post_init__(self) -> None:
        if not 0 < self.highest <= LARGEST_SCALE:  # NaN is neither
            raise DataError(
                f"got {self.highest:g} for the highest rating; expected a number above 0, such as 5, 10, 100."
            )
        named = [name for name in (self.title, self.rating, self.year, self.date) if name]
        if len(set(named)) < len(named):
            raise DataError(f"got {', '.join(map(shown, named))} for the columns; expected a different one for each.")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What somebody has to say of a table before it can be read.

    Attributes:
        columns: their names.
        rows: the first rows, as many cells as columns.
        title: the column that is likely to be it; "": none is, or several are; likewise below.
        rating: the column of ratings.
        year: the column of years of release.
        date: the column of the days of rating.
        highest: the most that can be given, as far as it can be guessed.
        zero_is_rating: as in ColumnChoice.
        n_zeros: how often the rating is 0.
        why: a sentence for everything that was guessed, or cannot be.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    rating: str = ""
    year: str = ""
    date: str = ""
    highest: float | None = None
    zero_is_rating: bool | None = None
    n_zeros: int = 0
    why: tuple[str, ...] = ()

    @property
    def choice(self) -> ColumnChoice | None:
        """The guess as a choice; None: something is not guessed."""
        if not (self.title and self.rating and self.highest):
            return None
        return ColumnChoice(
            title=self.title,
            rating=self.rating,
            highest=self.highest,
            year=self.year,
            date=self.date,
            zero_is_rating=self.zero_is_rating,
        )


class UnclearTableError(DataError):
    """A table could be read if somebody said what its columns are.

    Attributes:
        question: what has to be said.
    """

    def __init__(self, question: Question):
        super().__init__(
            f"the table is of a kind that is not known here. {' '.join(question.why)} Expected is what only you know: "
            "which column holds the titles, which your ratings, and out of how many these are (in Python: choice=...)."
        )
        self.question = question
