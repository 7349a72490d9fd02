"""Other sites' exports are read for what they are: whose numbers, out of how many, which rows are films, and when."""

import csv
import io
import json
import random
import zipfile
from datetime import UTC, datetime

import pytest

from recsys.data.scale import HALF_STARS, WHOLE_STARS
from recsys.errors import DataError
from recsys.rating_files import LeftOut, films, read_rating_file
from recsys.rating_files.films import is_title
from tests.rating_files.test_rating_files import DATASET, LETTERBOXD, model_of, zipped

TMDB = (
    "TMDb ID,IMDb ID,Type,Name,Release Date,Season Number,Episode Number,Rating,Your Rating,Date Rated\n"
    "275,tt0116282,movie,Fargo,1996-03-08T00:00:00Z,,,7.8,9.0,2022-09-20T00:00:00Z\n"
    "603,tt0133093,movie,The Matrix,1999-03-31T00:00:00Z,,,4.3,3.0,2022-09-21T00:00:00Z\n"
    "60622,,tv,Fargo,2014-04-15T00:00:00Z,,,8.3,10.0,2022-09-20T00:00:00Z\n"
    "11,,movie,Hamlet,1990-12-19T00:00:00Z,,,,8.0,2022-09-20T00:00:00Z\n"
)
SIMKL = (
    "SIMKL_ID,Title,Type,Year,Watchlist,LastEpWatched,WatchedDate,Rating,Memo,TVDB,TMDB,IMDB\n"
    "1,Fargo,movie,1996,completed,,18-12-2023 21:50:41,9,,,275,tt0116282\n"
    "2,Fargo,tv show,2014,completed,7,18-12-2023 21:50:41,10,,,,\n"
    "3,The Matrix,movie,1999,completed,,05-01-2024 10:00:00,4,,,,\n"
    "4,Hamlet,movie,1990,plantowatch,,,,,,,\n"
)
SIMKL_IMPORTED = (
    "simkl_id,TVDB_ID,TMDB,IMDB_ID,MAL_ID,Type,Title,Year,LastEpWatched,Watchlist,WatchedDate,Rating,Memo\n"
    "1,,,,,movie,Fargo,1996,,completed,18-12-2023,9,\n"
)
TRAKT = (
    "rated_at,type,title,year,trakt_rating,trakt_id,imdb_id,tmdb_id,url,released,runtime,genres,rating\n"
    "2024-01-05T10:00:00Z,movie,Fargo,1996,7.9,1,tt0116282,275,u,1996-03-08,98,crime,9\n"
    "2024-01-05T10:00:00Z,movie,The Matrix,1999,8.7,2,,,u,1999-03-31,98,sf,4\n"
    "2024-01-05T10:00:00Z,show,Fargo,2014,8.2,3,,,u,2014-04-15,98,crime,10\n"
)
MOVIELENS = (
    "movie_id,imdb_id,tmdb_id,rating,average_rating,title\n"
    "608,0116282,275,4.5,3.91,Fargo (1996)\n"
    '2571,0133093,603,2.0,4.16,"Matrix, The (1999)"\n'
)
NINE, FOUR = {11: 4.5}, {1: 2.0}


def read(content, scale=HALF_STARS, **options):
    raw = content.encode() if isinstance(content, str) else content
    return read_rating_file(raw, model_of(scale), DATASET, **options)


def rated(title: str, year: int | str, rating: object, kind: str = "movie", at: object = "2024-01-05T10:00:00.000Z"):
    """An entry of Trakt's JSON."""
    return {"rated_at": at, "rating": rating, "type": kind, kind: {"title": title, "year": year, "ids": {"trakt": 1}}}


# ---- whose numbers, out of how many


@pytest.mark.parametrize(
    ("content", "source", "stars"),
    [
        (TMDB, "TMDB", NINE | {1: 1.5, 6: 4.0}),
        (SIMKL, "Simkl", NINE | FOUR),
        (SIMKL_IMPORTED, "Simkl", NINE),
        (TRAKT, "Trakt", NINE | FOUR),
        (MOVIELENS, "movielens.org", NINE | FOUR),
        (json.dumps([rated("Fargo", 1996, 9), rated("The Matrix", 1999, 4)]), "Trakt", NINE | FOUR),
    ],
    ids=["TMDB", "Simkl", "Simkl, imported", "Trakt", "movielens.org", "Trakt, JSON"],
)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_an_export_is_read_with_the_person_s_own_ratings_on_their_scale(content, source, stars, delimiter):
    text = content if content.startswith("[") or '"' in content else content.replace(",", delimiter)
    file = read(text)
    assert (file.source, file.stars) == (source, stars)


def test_what_the_public_gave_is_nobody_s_rating():
    assert read(TMDB, WHOLE_STARS).stars == {11: 5.0, 1: 2.0, 6: 4.0}
    without = TMDB.replace("Your Rating", "Somebody's")
    with pytest.raises(DataError, match=r"a table of TMDB without your ratings: .* expected one with 'your rating'"):
        read(without)
    with pytest.raises(DataError, match="a table of Trakt without your ratings"):
        read(TRAKT.replace("genres,rating", "genres,plays"))
    with pytest.raises(DataError, match="a table of IMDb without your ratings"):
        read("Position,Const,Created,Title,Title Type,IMDb Rating,Year\n1,tt1,2024-01-01,Fargo,Movie,8.1,1996\n")


def test_an_imdb_list_is_read_where_it_has_the_person_s_ratings():
    head = "Position,Const,Created,Modified,Description,Title,Title Type,IMDb Rating,Year,Your Rating,Date Rated\n"
    file = read(
        f"{head}1,tt1,2024-01-01,,,Fargo,Movie,8.1,1996,9,2023-05-05\n2,tt2,2024-01-01,,,Hamlet,Movie,6.7,1990,,\n"
    )
    assert (file.stars, file.when) == (NINE, {11: datetime(2023, 5, 5, tzinfo=UTC)})
    assert file.left_out == (LeftOut("line 3", "Hamlet (1990)", "not rated"),)


def test_movielens_is_told_from_a_table_of_the_same_columns_out_of_a_hundred():
    table = "movie_id,imdb_id,tmdb_id,rating,average_rating,title\n608,0116282,275,4,81.9,Fargo (1996)\n"
    with pytest.raises(DataError, match="the table is of a kind that is not known here"):
        read(table)


def test_examples_say_what_became_of_the_first_ratings():
    (fargo, *_) = read(SIMKL, WHOLE_STARS).examples
    assert (fargo.name, fargo.item_id, fargo.given, fargo.highest, fargo.stars) == ("Fargo (1996)", 11, 9.0, 10.0, 5.0)


# ---- which rows are films, and are rated


@pytest.mark.parametrize(
    ("content", "left_out"),
    [
        (TMDB, [LeftOut("line 4", "Fargo (2014)", "no film", "tv")]),
        (
            SIMKL,
            [
                LeftOut("line 3", "Fargo (2014)", "no film", "tv show"),
                LeftOut("line 5", "Hamlet (1990)", "not rated"),
            ],
        ),
        (TRAKT, [LeftOut("line 4", "Fargo (2014)", "no film", "show")]),
        (
            json.dumps([rated("Fargo", 2014, 10, "show"), rated("Hamlet", 1990, 0), 7, {"rating": 3, "type": "movie"}]),
            [
                LeftOut("entry 1", "Fargo (2014)", "no film", "show"),
                LeftOut("entry 2", "Hamlet (1990)", "not rated", "0"),
                LeftOut("entry 3", "entry 3, without a title", "unreadable", "it is 7"),
                LeftOut("entry 4", "entry 4, without a title", "unreadable", "it has no title"),
            ],
        ),
        (
            f"{LETTERBOXD},Fargo,1996,u,0\n,Nobody Knows It,1950,u,4\n,Hamlet,,u,4\n",
            [
                LeftOut("line 2", "Fargo (1996)", "not rated", "0"),
                LeftOut("line 3", "Nobody Knows It (1950)", "unknown"),
                LeftOut("line 4", "Hamlet", "unknown", "without a year"),
            ],
        ),
    ],
    ids=["TMDB", "Simkl", "Trakt", "Trakt, JSON", "Letterboxd"],
)
def test_all_that_counts_for_nothing_is_named_with_its_place_and_reason(content, left_out):
    assert list(read(content).left_out) == left_out


@pytest.mark.parametrize("zero", ["0", "0.0", "0,0", ".0"])
def test_no_stars_at_all_are_no_rating(zero):
    file = read(f'{LETTERBOXD},Fargo,1996,u,"{zero}"\n')
    assert (file.stars, [left.reason for left in file.left_out]) == ({}, ["not rated"])


def test_a_row_that_is_shifted_by_a_comma_is_left_out_and_not_read_wrongly():
    file = read(f"{LETTERBOXD}2024-01-01,Good, the Bad,1966,u,1\n2024-01-01,Fargo,1996,u,4,\n")
    assert file.stars == {11: 4.0}
    assert [(left.place, left.reason) for left in file.left_out] == [("line 2", "unreadable")]
    assert "put quotation marks around" in file.left_out[0].detail


@pytest.mark.parametrize("year", ["1996.0", "1996,00", "(1996)", "1996-03-08", "08/03/1996", "1996-03-08T00:00:00Z"])
def test_years_are_read_as_pandas_and_spreadsheets_write_them(year):
    assert read(f'{LETTERBOXD},Fargo,"{year}",u,4\n,Fargo,1950.0,u,1\n').stars == {11: 4.0}


# ---- archives


def test_an_empty_table_in_an_archive_is_named_and_the_rest_is_read():
    file = read(zipped({"ratings.csv": f"{LETTERBOXD},Fargo,1996,u,4.5\n", "watchlist.csv": ""}))
    assert file.stars == NINE
    assert "watchlist.csv is empty." in file.notes
    file = read(zipped({"ratings.csv": LETTERBOXD, "watchlist.csv": "Date,Name,Year,Letterboxd URI\n,Fargo,1996,u\n"}))
    assert (file.stars, file.marks) == ({}, {11: "later"})
    assert "ratings.csv has no films." in file.notes


@pytest.mark.parametrize("content", [LETTERBOXD, "[]", zipped({"ratings.csv": "", "watchlist.csv": " \n"})])
def test_a_file_without_films_says_so(content):
    file = read(content)
    assert (file.stars, file.marks, file.left_out) == ({}, {}, ())
    assert any(note.endswith(("has no films.", "is empty.")) for note in file.notes)


@pytest.mark.parametrize("first", ["ratings.csv", "diary.csv", "reviews.csv"])
def test_of_letterboxd_s_archive_the_surest_ratings_are_read(first):
    tables = {"ratings.csv": 4.5, "diary.csv": 2, "reviews.csv": 1}
    later = {name: stars for name, stars in tables.items() if [*tables].index(name) >= [*tables].index(first)}
    files = {name: f"{LETTERBOXD},Fargo,1996,u,{stars}\n" for name, stars in later.items()}
    file = read(zipped(files | {"watched.csv": "Date,Name,Year,Letterboxd URI\n,Hamlet,1990,u\n"}))
    assert file.stars == {11: tables[first]}
    assert f"Of the archive, nothing was read but {first}." in file.notes


@pytest.mark.parametrize("folder", ["", "ada/ratings/"])
def test_trakt_s_archive_is_read(folder):
    shows = json.dumps([rated("Fargo", 2014, 10, "show")])
    inside = {"ratings-movies.json": json.dumps([rated("Fargo", 1996, 9)]), "ratings-shows.json": shows}
    assert read(zipped({folder + name: text for name, text in inside.items()})).stars == NINE


def test_a_table_of_films_alone_is_a_watchlist_if_its_file_is_called_so():
    table = "Date,Name,Year,Letterboxd URI\n2024-03-01,Hamlet,1990,https://boxd.it/h\n"
    assert read(table, name="Watchlist.csv").marks == {6: "later"}
    with pytest.raises(
        DataError, match=r"of Letterboxd without your ratings: .* Letterboxd .ratings.csv, or the whole ZIP"
    ):
        read(table, name="watched.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[1, 2]]", r"the file is a list; expected the JSON export of this page or of Trakt\. Read are Letterboxd"),
        (json.dumps([{"listed_at": "2024", "type": "movie"}]), "the file is a list; expected"),
        (json.dumps([rated("Fargo", 1996, 9)] * 20_001), "the list has 20,001 entries; expected at most 20,000: split"),
        (json.dumps([rated("Fargo", 1996, 11)]), "entry 1: the rating is 11; expected a number from 0 to 10"),
        (json.dumps([rated("Fargo", 1996, "x")]), "entry 1: the rating is 'x'; expected a number from 0 to 10"),
        (zipped({"ratings-movies.json": "{"}), "the file is damaged JSON"),
    ],
)
def test_json_of_another_kind_is_refused_in_a_sentence_that_says_what_is_read(content, message):
    with pytest.raises(DataError, match=message):
        read(content)


# ---- when


def dated(*dates: str, stars: tuple[float, ...] = (4.5, 1.0)) -> str:
    """A table in which Fargo is rated once at each date."""
    rows = (f'"{date}",Fargo,1996,u,{given}\n' for date, given in zip(dates, stars, strict=False))
    return LETTERBOXD + "".join(rows)


@pytest.mark.parametrize(
    "dates",
    [
        ("05/01/2024", "01/02/2019"),  # later in either reading
        ("5/1/24", "1/2/19"),
        ("05-01-2024", "01-02-2019"),
        ("01.02.2024", "02.01.2024"),
        ("2024/3/1", "2024-02-29"),
        ("Mar 1, 2024", "29 Feb 2024"),
        ("05/01/2024 9:00 PM", "05/01/2024 11:00 AM"),
    ],
)
def test_of_two_ratings_of_a_film_the_later_counts_however_dates_are_written(dates):
    file = read(dated(*dates))
    assert file.stars == {11: 4.5}
    assert file.left_out == (LeftOut("line 3", "Fargo (1996)", "rated again", "line 2"),)
    assert read(dated(*dates[::-1])).stars == {11: 1.0}


def test_the_whole_column_tells_whether_the_day_comes_first():
    day = read(dated("02/03/2024", "03/02/2024") + "13/01/2020,Hamlet,1990,u,3\n")
    assert (day.stars[11], day.when[11]) == (4.5, datetime(2024, 3, 2, tzinfo=UTC))
    month = read(dated("02/03/2024", "03/02/2024") + "01/13/2020,Hamlet,1990,u,3\n")
    assert (month.stars[11], month.when[11]) == (1.0, datetime(2024, 3, 2, tzinfo=UTC))
    assert day.notes == month.notes == ()


def test_where_day_and_month_cannot_be_told_apart_the_later_row_counts_and_it_is_said():
    file = read(dated("02/03/2024", "03/02/2024"))
    assert (file.stars, file.when) == ({11: 1.0}, {})
    assert file.left_out == (LeftOut("line 2", "Fargo (1996)", "rated again", "line 3"),)
    (note, other) = file.notes
    assert note.startswith("Fargo (1996), line 3: day and month cannot be told apart")
    assert "02/03/2024 (line 2); the later row counts" in note
    assert other == (
        "Day and month cannot be told apart in 1 of the dates, such as 03/02/2024: the ratings are kept without them."
    )


def test_simkl_s_dates_begin_with_the_day():
    file = read(SIMKL)
    assert file.when[1] == datetime(2024, 1, 5, 10, tzinfo=UTC)
    assert file.when[11] == datetime(2023, 12, 18, 21, 50, 41, tzinfo=UTC)


def test_an_archive_of_any_folders_holds_one_set_of_ratings():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("deep/ratings/ratings-movies.json", json.dumps([rated("The Matrix", 1999, 4)]))
        archive.writestr("ratings.csv", f"{LETTERBOXD},Fargo,1996,u,4.5\n")
    assert read(content.getvalue()).stars == NINE


# ---- how much work a file may be


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "\n" * 9_000_000 + "a,b\n",
            "line 100001: got more than 100,000 empty lines; expected at most as many: delete",
        ),
        (f"{LETTERBOXD}{',' * 4}\n" + "\n" * 200_000, "line 100002: got more than 100,000 empty lines"),
        (",\n" * 200_000, "got more than 100,000 empty lines"),
        ("x," * 1_000_000, "line 1: got more than 200 columns; expected at most as many"),
        (LETTERBOXD + "x," * 1_000_000, "line 2: got more than 200 columns"),
    ],
)
def test_rows_and_columns_that_hold_nothing_are_bounded(content, message):
    with pytest.raises(DataError, match=message):
        read(content)


def test_as_many_empty_lines_as_may_be_are_passed_over():
    assert read(LETTERBOXD + "\n" * 100_000 + ",Fargo,1996,u,4\n").stars == {11: 4.0}


@pytest.mark.parametrize(
    ("title", "is_read"),
    [
        ("\ufdfa" * 16, True),  # 288 letters once it is taken apart
        ("\ufdfa" * 17, False),
        ("é" * 150, True),
        ("é" * 151, False),
        ("x" * 300, True),
        ("x" * 301, False),
    ],
)
def test_a_title_is_as_long_as_it_is_once_its_letters_are_taken_apart(title, is_read):
    assert is_title(title) is is_read


def test_long_titles_are_not_searched_for_and_those_in_parentheses_are_found(monkeypatch):
    searched = []
    monkeypatch.setattr(films, "readings_of", lambda title: searched.append(title) or [])
    read(f"{LETTERBOXD},{'long ' * 50},1996,u,4\n,{chr(0xFDFA) * 150},1996,u,4\n,Fargo {'x' * 90} (x),1996,u,4\n")
    assert searched == []
    monkeypatch.undo()
    assert read(f"{LETTERBOXD},Seven (a title {'that is long ' * 15}) (1995),1995,u,4\n").stars == {3: 4.0}


@pytest.mark.parametrize("content", [TMDB, SIMKL, TRAKT, MOVIELENS, f"{LETTERBOXD}2024-01-01,Fargo,1996,u,4.5\n"])
@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_the_columns_of_an_export_and_additional_ones_do_not_matter(content, seed):
    rows = list(csv.reader(io.StringIO(content, newline="")))
    columns = [*zip(*rows, strict=True), ("Score", *["1"] * (len(rows) - 1)), ("stars", *["2"] * (len(rows) - 1))]
    random.Random(seed).shuffle(columns)
    text = io.StringIO(newline="")
    csv.writer(text).writerows(zip(*columns, strict=True))
    assert read(text.getvalue()).stars == read(content).stars
