"""Tables that are not known here are read to the right stars or asked about, and never read wrongly."""

import csv
import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.scale import HALF_STARS
from recsys.errors import DataError
from recsys.rating_files import ColumnChoice, LeftOut, UnclearTableError, read_rating_file
from recsys.rating_files.given import Given, given_of, scale_named
from recsys.rating_files.reading import nearest
from tests.rating_files.test_rating_files import DATASET, FILMS, model_of


def read(content, choice=None, scale=HALF_STARS):
    raw = content.encode() if isinstance(content, str) else content
    return read_rating_file(raw, model_of(scale), DATASET, choice=choice)


def question_of(content, choice=None):
    with pytest.raises(
        UnclearTableError, match=r"of a kind that is not known here.* Expected is what only you know"
    ) as asked:
        read(content, choice)
    return asked.value.question


def out_of(highest, title="title", rating="rating", **more):
    return ColumnChoice(title=title, rating=rating, highest=highest, **more)


# ---- how people write ratings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8", Given(8.0)),
        ("4,5", Given(4.5)),
        (".5", Given(0.5)),
        ("8.0000", Given(8.0)),
        ("8/10", Given(8.0, 10.0)),
        ("8,5 / 10", Given(8.5, 10.0)),
        ("8 out of 10", Given(8.0, 10.0)),
        ("8 von 10", Given(8.0, 10.0)),
        ("85 %", Given(85.0, 100.0)),
        ("★★★½", Given(3.5)),
        ("★★★☆☆", Given(3.0, 5.0)),
        ("★★½☆☆", Given(2.5, 5.0)),
        ("⭐️⭐️⭐️", Given(3.0)),
        ("***", Given(3.0)),
        ("3½", Given(3.5)),
        ("½", Given(0.5)),
        ("4 stars", Given(4.0)),
        ("4.5 ★", Given(4.5)),
        *(
            (text, None)
            for text in ("", "n/a", "-", "-1", "1996", "1/2", "8/3", "tt0116282", "1e1", "5-6", "٥", "☆☆", "A+")
        ),
    ],
)
def test_a_rating_is_read_as_people_write_it(text, expected):
    assert given_of(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Rating /10", 10.0),
        ("stars of 5", 5.0),
        ("Score (0-100)", 100.0),
        ("note sur 20", 20.0),
        ("Bewertung (1 bis 10)", 10.0),
        ("Rating10", 10.0),
        ("10-point rating", 10.0),
        ("rating in %", 100.0),
        *(
            (name, None)
            for name in ("rating", "Rating 2", "Top 10", "out of 10 or of 5", "rating of 2010", "1-7 scale")
        ),
    ],
)
def test_the_name_of_a_column_says_out_of_how_many(name, expected):
    assert scale_named(name) == expected


# ---- what is asked


@pytest.mark.parametrize(
    "table",
    [
        "title,stars\nFargo,4\n",
        "title,rating\nFargo,9\nHamlet (1948),8\n",
        "title,rating of 10,score\nFargo,4,9\n",
        "title,imdb rating /10\nFargo,8.1\n",
        "name,film,rating /10\nAda,Fargo,9\n",
        "title,rating /5\nFargo,9\n",
        "Fargo,1996,9\nHamlet,1948,4\n",
        "title,rating /10\nFargo,8/5\n",
    ],
    ids=[
        "no scale",
        "no scale, above 5",
        "two ratings",
        "the public's",
        "two names",
        "above its scale",
        "no head",
        "two scales",
    ],
)
def test_a_table_that_does_not_say_what_it_holds_is_asked_about(table):
    assert question_of(table).columns


@pytest.mark.parametrize(
    ("table", "stars"),
    [
        ("title,rating /10\nFargo,9\n", 4.5),
        ("Rating (1-100);Movie;Year\n90;Fargo;1996\n", 4.5),
        ("title,verdict\nFargo,9/10\n", 4.5),
        ("title,verdict\nFargo,★★★★☆\n", 4.0),
        ("title|year|my score in %\nFargo|1996|90\n", 4.5),
        ("My films 2024\n\ntitle,rating10\nFargo,9\n", 4.5),
        ("title;note sur 20\nFargo;17,9\n", 4.5),
    ],
)
def test_a_table_that_says_it_itself_is_read(table, stars):
    assert read(table).stars == {11: stars}


def test_a_question_has_guesses_with_reasons_and_the_first_rows():
    table = "Titel;Jahr;Meine Wertung;IMDb;Gesehen am\nFargo;1996;9;8,1;05.01.2024\nHamlet;1990;8,5;6,7;06.01.2024\n"
    question = question_of(table)
    assert question.columns == ("Titel", "Jahr", "Meine Wertung", "IMDb", "Gesehen am")
    assert question.rows[1] == ("Hamlet", "1990", "8,5", "6,7", "06.01.2024")
    assert question.choice == out_of(10, "Titel", "Meine Wertung", year="Jahr", date="Gesehen am")
    assert question.why == (
        "“Titel” holds the titles, by its name.",
        "“Meine Wertung” is likely to be your rating, and not “IMDb”.",
        "The numbers in “Meine Wertung” go up to 9, so they are likely to be out of 10.",
    )
    assert read(table, question.choice).stars == {11: 4.5, 6: 4.5}


def test_titles_are_recognised_by_what_is_known_here_if_not_by_their_name():
    question = question_of("who,what,how\nAda,Fargo,4\nAda,The Matrix,3\n")
    assert (question.title, question.rating, question.highest) == ("what", "how", None)
    assert "“what” holds the titles: 2 of its first 2 are known here." in question.why


def test_numbers_up_to_five_leave_open_out_of_how_many_they_are():
    assert question_of("title,score\nFargo,4\nHamlet (1990),5\n").highest is None


def test_what_cannot_be_told_is_not_guessed():
    question = question_of("title,a,b\nFargo,4,3\nHamlet (1990),5,1\n")
    assert (question.rating, question.highest, question.choice) == ("", None, None)
    assert "Which column is your rating cannot be told (“a” or “b”): choose." in question.why


@pytest.mark.parametrize("table", ["a,b\nx,y\n", "rating\n4\n", "title,rating\n", "x\n"])
def test_a_table_without_titles_or_ratings_is_refused_and_the_message_says_what_is_read(table):
    with pytest.raises(
        DataError, match=r"expected a title .*Files that are read are those of Letterboxd .*, IMDb .*TMDB"
    ):
        read(table)


# ---- what is chosen


def test_a_choice_is_kept_to():
    table = "title,score,rating\nFargo,4,90\n"
    assert read(table, out_of(100)).stars == {11: 4.5}
    assert read(table, out_of(5, rating="score")).stars == {11: 4.0}
    assert read(table, out_of(10, rating="score")).stars == {11: 2.0}
    assert read(table, out_of(10, rating="score")).source == "a table of titles and stars"


def test_columns_of_one_name_and_of_none_can_be_chosen():
    table = "title,rating,rating,\nFargo,4,8,2\n"
    assert question_of(table).columns == ("title", "rating", "rating (2)", "column 4")
    assert read(table, out_of(10, rating="rating (2)")).stars == {11: 4.0}
    assert read(table, out_of(10, rating="column 4")).stars == {11: 1.0}


def test_a_table_without_a_head_loses_no_film():
    table = "Fargo,1996,9\nHamlet,1948,4\n"
    question = question_of(table)
    assert question.columns == ("column 1", "column 2", "column 3")
    file = read(table, out_of(10, "column 1", "column 3", year="column 2"))
    assert file.stars == {11: 4.5, 5: 2.0}


@pytest.mark.parametrize(
    ("table", "choice", "message"),
    [
        (
            "title,rating\nFargo,9\n",
            out_of(10, "name"),
            "the table has no column 'name'; expected one of 'title', 'rating'",
        ),
        (
            "title,rating\nFargo,9\n",
            out_of(5),
            "line 2: the rating is '9'; expected a number from 0 to 5, or nothing: say",
        ),
        ("title,rating\nFargo,9\n", out_of(8), "expected a number from 0 to 8"),
    ],
)
def test_a_choice_that_does_not_fit_is_refused(table, choice, message):
    with pytest.raises(DataError, match=message):
        read(table, choice)


@pytest.mark.parametrize("highest", [0, -5, float("nan"), float("inf"), 1e9])
def test_a_choice_needs_a_scale(highest):
    with pytest.raises(DataError, match="for the highest rating; expected a number above 0, such as 5, 10, 100"):
        out_of(highest)
    with pytest.raises(DataError, match="got 'title', 'title' for the columns; expected a different one for each"):
        out_of(5, rating="title")


def test_zeros_are_asked_about_for_they_may_be_the_lowest_rating_or_none():
    table = "title,rating\nFargo,0\nHamlet (1990),80\n"
    question = question_of(table, out_of(100))
    assert (question.n_zeros, question.title, question.highest) == (1, "title", 100)
    assert question.why == (
        "“rating” is 0 once, which may be the lowest rating or mean that the film is not rated: choose.",
    )
    lowest = read(table, out_of(100, zero_is_rating=True))
    assert (lowest.stars, lowest.left_out) == ({11: 0.5, 6: 4.0}, ())
    none = read(table, out_of(100, zero_is_rating=False))
    assert (none.stars, none.left_out) == ({6: 4.0}, (LeftOut("line 2", "Fargo", "not rated", "0"),))
    assert question_of("title,rating /10\nFargo,0\n").n_zeros == 1


def test_what_cannot_be_read_is_left_out_by_line_and_reason():
    table = (
        "title,type,rating\nFargo,movie,9\nHamlet (1990),film,great\nThe Matrix,TV Movie,4/5\nCosmos,tv series,9\n"
        "Seven,movie,4,5\nNobody Knows It,movie,7\nFargo,movie,8\n"
    )
    file = read(table, out_of(10))
    assert file.stars == {11: 4.0}
    assert [(left.place, left.reason, left.detail[:34]) for left in file.left_out] == [
        ("line 3", "unreadable", "the rating is 'great'"),
        ("line 4", "unreadable", "the rating is '4/5', which is not "),
        ("line 5", "no film", "tv series"),
        ("line 6", "unreadable", "4 cells in 3 columns: put quotatio"),
        ("line 7", "unknown", ""),
        ("line 2", "rated again", "line 8"),
    ]


# ---- read rightly or asked about, whatever the table


TITLES = {item: title for item, title in FILMS.items() if item not in (5, 6, 7, 8, 9, 10, 15)}
TITLE_NAMES = ["title", "Film", "Movie", "name", "Titel", "what I saw"]
RATING_NAMES = ["rating", "stars", "Score", "my rating", "Note", "Bewertung", "how much", "vote", "rank"]
PUBLIC_NAMES = ["IMDb rating", "average", "critics", "rating (all)", "score 2", "Rating", "popularity /10", "stars"]
OTHERS = {
    "year": lambda rng, item: TITLES[item][-5:-1] if TITLES[item].endswith(")") else "",
    "votes": lambda rng, item: rng.randint(1, 10**6),
    "date": lambda rng, item: f"2024-01-{rng.randint(1, 28)}",
    "id": lambda rng, item: f"tt{rng.randint(1, 10**7)}",
    "plays": lambda rng, item: rng.randint(1, 9),
    "comment": lambda rng, item: rng.choice(["fine", "", "so, so", "10"]),
}


def table_of(rng: random.Random) -> tuple[str, dict[int, float], ColumnChoice]:
    """A table as somebody may have it, the right stars, and what they would say of it."""
    highest = rng.choice([5, 10, 20, 100])
    items = rng.sample(sorted(TITLES), rng.randint(1, 8))
    values = [rng.choice([1, 2, 3, highest / 2, highest - 1, highest, rng.randint(1, highest)]) for _ in items]
    written = rng.choice(["{:g}", "{:.1f}", "{:g}/" + str(highest)])
    name = rng.choice(RATING_NAMES) + rng.choice(["", "", f" /{highest}", f" (1-{highest})"])
    columns = [(rng.choice(TITLE_NAMES), [TITLES[item] for item in items]), (name, [written.format(v) for v in values])]
    for public in rng.sample(PUBLIC_NAMES, rng.randint(0, 2)):
        columns.append((public, [f"{rng.uniform(1, 10):.1f}" for _ in items]))
    for other in rng.sample(sorted(OTHERS), rng.randint(0, 3)):
        columns.append((other, [str(OTHERS[other](rng, item)) for item in items]))
    title, rating = columns[:2]
    rng.shuffle(columns)
    heads = [head for head, _ in columns]
    labels = [
        head if head not in heads[:at] else f"{head} ({heads[:at].count(head) + 1})" for at, head in enumerate(heads)
    ]
    text = io.StringIO(newline="")
    out = csv.writer(text, delimiter=rng.choice(",;\t"))
    out.writerows([heads, *zip(*(cells for _, cells in columns), strict=True)])
    right = {item: nearest(value * 5 / highest, HALF_STARS) for item, value in zip(items, values, strict=True)}
    said = (labels[next(at for at, found in enumerate(columns) if found is column)] for column in (title, rating))
    return text.getvalue(), right, ColumnChoice(title=next(said), rating=next(said), highest=highest)


def outcome(rng: random.Random) -> str:
    """Whether a table was read or asked about; it is read rightly, by itself or by the right choice."""
    text, right, choice = table_of(rng)
    assert read(text, choice).stars == right, text
    try:
        stars = read(text).stars
    except UnclearTableError:
        return "asked"
    assert stars == right, text
    return "read"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_any_table_is_read_rightly_or_asked_about(seed):
    outcome(random.Random(seed))


def test_many_tables_are_read_without_asking_and_many_are_asked_about():
    outcomes = [outcome(random.Random(seed)) for seed in range(300)]
    assert min(outcomes.count("read"), outcomes.count("asked")) > 20
