"""What people bring in files: whose, which films, what is refused; and the table that they take away."""

import csv
import io
import json
import random
import struct
import tracemalloc
import zipfile
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys import Recommender
from recsys.artifacts.artifact import Artifact, Items
from recsys.data.interactions import Interactions
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.errors import DataError
from recsys.films.catalog import Catalog, Film
from recsys.models import create
from recsys.rating_files import MOST_BYTES, LeftOut, ratings_csv, read_rating_file
from recsys.rating_files.our_formats import guarded, unguarded
from recsys.rating_files.reading import nearest
from recsys.store.people import FilmRow
from recsys.store.ratings import MOST_AT_ONCE
from tests.support.small_models import small_config

FILMS = {  # item id -> title; 9 and 10 are one film, of which 10 has more ratings
    1: "Matrix, The (1999)",
    2: "City of Lost Children, The (Cité des enfants perdus, La) (1995)",
    3: "Seven (a.k.a. Se7en) (1995)",
    4: "Terminator 2: Judgment Day (1991)",
    5: "Hamlet (1948)",
    6: "Hamlet (1990)",
    7: "Pinocchio (2019)",
    8: "Pinocchio (2021)",
    9: "Chasing Amy (1997)",
    10: "Chasing Amy (1997)",
    11: "Fargo (1996)",
    12: "Fabuleux destin d'Amélie Poulain, Le (Amelie) (2001)",
    13: "Blade Runner (1982)",
    14: "Blade Runner 2049 (2017)",
    15: "=1+1 (1970)",
    16: "Visitor, The (2007)",
    17: "Cosmos",
}
DATASET = "films"
RATED = {"Fargo (1996)": 11, "The Matrix (1999)": 1}
LETTERBOXD = "Date,Name,Year,Letterboxd URI,Rating\n"
IMDB = (
    "Const,Your Rating,Date Rated,Title,Original Title,URL,Title Type,IMDb Rating,Runtime (mins),Year,Genres,"
    "Num Votes,Release Date,Directors\n"
)
WATCHLIST = "Date,Name,Year,Letterboxd URI\n2024-03-01,Hamlet,1990,https://boxd.it/h\n"


def recommender_of(titles: dict[int, str], scale: RatingScale) -> Recommender:
    """A model of some films, of which the last are rated the most."""
    catalog = Catalog.from_films(
        np.array(list(titles)), {item: Film(title, ("Drama",)) for item, title in titles.items()}
    )
    ratings = sp.csr_array(np.tri(len(titles), dtype=np.float32)[:, ::-1].T.copy())
    model = create("popularity", scale, config=small_config("popularity")).fit(Interactions(ratings))
    items = Items.of(catalog.item_ids, ratings, catalog.genre_names)
    return Recommender(Artifact("popularity", model, items, {"dataset": DATASET}), catalog)


@cache
def model_of(scale: RatingScale = HALF_STARS) -> Recommender:
    return recommender_of(FILMS, scale)


def read(content: bytes | str, scale: RatingScale = HALF_STARS, dataset: str = DATASET):
    raw = content.encode() if isinstance(content, str) else content
    return read_rating_file(raw, model_of(scale), dataset)


def letterboxd(*films: str) -> str:
    """Letterboxd's table; a film is "name,year,rating"."""
    rows = [film.rsplit(",", 2) for film in films]
    return LETTERBOXD + "".join(f"2024-02-29,{name},{year},https://boxd.it/a,{stars}\n" for name, year, stars in rows)


def imdb(title: str, year: int | str, stars: str, original: str = "", kind: str = "Movie") -> str:
    return (
        f'{IMDB}tt1,{stars},2024-02-29,"{title}","{original}",https://x/,{kind},8.1,99,{year},Drama,9,1999-01-01,A B\n'
    )


def zipped(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def export(**changed: object) -> str:
    """This page's own JSON."""
    at = "2024-02-29T12:00:00+00:00"
    whole = {
        "format": 1,
        "name": "Ada",
        "ratings": [{"dataset": DATASET, "item_id": 11, "stars": 4.5, "at": at}],
        "marks": [{"dataset": DATASET, "item_id": 1, "mark": "hidden", "at": at}],
        "lists": [],
    }
    return json.dumps(whole | changed)


# ---- whose file it is


def test_letterboxd_s_table_is_read():
    file = read(letterboxd("Fargo,1996,4.5", "The Matrix,1999,.5", "Nobody Knows It,1950,3"))
    assert (file.source, file.stars) == ("Letterboxd", {11: 4.5, 1: 0.5})
    assert file.when == dict.fromkeys((11, 1), datetime(2024, 2, 29, tzinfo=UTC))
    assert (file.marks, file.unknown, file.rounded) == ({}, ("Nobody Knows It (1950)",), 0)


@pytest.mark.parametrize("folder", ["", "letterboxd-ada-2024/"])
def test_letterboxd_s_archive_is_read_with_its_watchlist_as_marks(folder):
    files = {
        "diary.csv": "Date,Name\n",
        "watchlist.csv": WATCHLIST,
        "deleted/ratings.csv": letterboxd("Fargo,1996,1"),
        "ratings.csv": letterboxd("Fargo,1996,4"),
    }
    file = read(zipped({folder + name: text for name, text in files.items()}))
    assert (file.source, file.stars, file.marks) == ("Letterboxd", {11: 4.0}, {6: "later"})


def test_an_archive_may_hold_a_watchlist_alone():
    assert read(zipped({"watchlist.csv": WATCHLIST})).marks == {6: "later"}


def test_letterboxd_s_diary_counts_the_last_rating_of_a_film():
    head = "Date,Name,Year,Letterboxd URI,Rating,Rewatch,Tags,Watched Date\n"
    rated = "2024-02-02,Fargo,1996,u,5,Yes,,2024-02-01\n2023-01-01,Fargo,1996,u,2,,,2023-01-01\n"
    assert read(f"{head}{rated}2024-03-01,Fargo,1996,u,,,,\n").stars == {11: 5.0}


def test_imdb_s_table_is_read_and_ten_is_the_highest():
    file = read(imdb("Fargo", 1996, "9"))
    assert (file.source, file.stars, file.rounded) == ("IMDb", {11: 4.5}, 0)
    assert file.when == {11: datetime(2024, 2, 29, tzinfo=UTC)}


def test_imdb_s_table_without_original_titles_and_in_windows_1252_is_read():
    head = "Const,Your Rating,Date Rated,Title,URL,Title Type,IMDb Rating,Runtime (mins),Year\n"
    row = "tt2,8,2014-07-22,La cité des enfants perdus,https://x/,movie,7.5,112,1995\n"
    assert read((head + row).encode("cp1252")).stars == {2: 4.0}


def test_imdb_s_table_of_before_2017_is_read():
    head = '"position","const","created","modified","description","Title","Title type","Directors","You rated","Year"\n'
    row = '"1","tt2","Thu Feb 29 00:00:00 2024","","","Fargo","Feature Film","Joel Coen","8","1996"\n'
    file = read(head + row)
    assert (file.source, file.stars, file.when) == ("IMDb", {11: 4.0}, {11: datetime(2024, 2, 29, tzinfo=UTC)})


def test_imdb_s_original_title_counts_where_the_title_is_not_known():
    assert read(imdb("Die fabelhafte Welt der Amélie", 2001, "8", "Le fabuleux destin d'Amélie Poulain")).stars == {
        12: 4.0
    }


@pytest.mark.parametrize("kind", ["tvSeries", "TV Series", "TV Mini Series", "tvEpisode", "Serie TV", "Video Game"])
def test_what_imdb_calls_a_series_or_a_game_is_no_film(kind):
    file = read(imdb("Fargo", 1996, "9", kind=kind))
    assert (file.stars, file.unknown) == ({}, ())
    assert file.left_out == (LeftOut("line 2", "Fargo (1996)", "no film", kind),)


def test_this_page_s_json_is_read():
    file = read(export())
    assert (file.source, file.stars, file.marks) == ("a file of this page", {11: 4.5}, {1: "hidden"})
    assert file.when == {11: datetime(2024, 2, 29, 12, tzinfo=UTC)}


def test_a_film_of_another_data_set_is_unknown_by_its_number_and_known_by_its_title():
    others = [{"dataset": "ml-1m", "item_id": 11, "stars": 9, "at": None}]
    file = read(export(ratings=others))
    assert (file.stars, file.unknown) == ({}, ("ml-1m 11",))
    head = "title,dataset,item_id,stars\n"
    assert read(f"{head}The Matrix (1999),ml-1m,2571,4").stars == {1: 4.0}
    with pytest.raises(DataError, match="line 2: the rating is '9'; expected a number from 0 to 5, or nothing"):
        read(f"{head}The Matrix (1999),ml-1m,2571,9")


def test_an_id_counts_more_than_a_title_and_a_title_where_the_id_is_unknown():
    head = "title,dataset,item_id,stars\n"
    assert read(f"{head}Fargo (1996),films,1,4").stars == {1: 4.0}
    assert read(f"{head}Fargo (1996),films,99,4").stars == {11: 4.0}
    assert read(f"{head}Fargo (1996),films,one,4").stars == {11: 4.0}
    assert read(f"{head},films,99,4").unknown == ("films 99",)


@pytest.mark.parametrize("title", ["title", "NAME", " film ", "Movie"])
@pytest.mark.parametrize("stars", ["stars of 5", "Rating (1-5)", "my rating / 5"])
def test_a_table_made_by_hand_is_read_if_it_says_out_of_how_many_its_ratings_are(title, stars):
    file = read(f'comment,{stars},{title}\nfine,4.5,fargo\n,1,"matrix, the (1999)"\n')
    assert (file.source, file.stars) == ("a table of titles and stars", {11: 4.5, 1: 1.0})


# ---- how it is written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_delimiters_and_ends_of_lines_do_not_matter(encoding, delimiter, end):
    rows = [["Title", "Stars of 5"], ["La cité des enfants perdus", "4"], [], ["Fargo", "3.5"]]
    content = end.join(delimiter.join(row) for row in rows).encode(encoding)
    assert read(content).stars == {2: 4.0, 11: 3.5}


def test_order_case_spaces_and_additional_columns_of_the_head_do_not_matter():
    text = ' rating ,MY OWN,"LETTERBOXD  uri",year,Name\n4,x,u,1996,Fargo\n'
    assert (read(text).source, read(text).stars) == ("Letterboxd", {11: 4.0})


def test_a_spreadsheet_s_row_about_the_delimiter_and_decimal_commas_are_understood():
    assert read("sep=;\r\nTitle;Stars of 5\r\nFargo;3,5\r\n").stars == {11: 3.5}


def test_rows_without_a_rating_or_that_are_short_are_left_out():
    assert read("title,stars of 5\nFargo,\nNobody Knows It,\nThe Matrix\nHamlet (1948), 3 \n").stars == {5: 3.0}


def test_dates_that_cannot_be_read_are_left_out():
    dates = [
        "2024-13-45",
        "yesterday",
        "31.02.2014",
        "9" * 50,
        "0001-01-01T00:00:00+23:59",
        "",
        "2024-02-29T23:30:00-01:00",
    ]
    for date in dates[:-1]:
        assert read(f"title,stars of 5,date\nFargo,4,{date}\n").when == {}
    assert read(f"title,stars of 5,date\nFargo,4,{dates[-1]}\n").when == {11: datetime(2024, 3, 1, 0, 30, tzinfo=UTC)}


# ---- which film is meant


@pytest.mark.parametrize(
    ("name", "year", "item"),
    [
        ("The Matrix", 1999, 1),
        ("matrix", 1999, 1),
        ('"Matrix, The"', 1999, 1),
        ("The City of Lost Children", 1995, 2),
        ("LA CITE DES ENFANTS PERDUS", 1995, 2),
        ("Se7en", 1995, 3),
        ("Seven", 1995, 3),
        ("Terminator 2 – Judgment Day", 1991, 4),
        ("Hamlet", 1990, 6),
        ("Hamlet", 1949, 5),
        ("Amélie", 2001, 12),
        ("Blade Runner 2049", 2017, 14),
        ("Fargo", 1995, 11),
        ("Chasing Amy", 1997, 10),
        ("Fargo (1996)", 1996, 11),
    ],
)
def test_a_film_is_found_by_title_and_year(name, year, item):
    assert read(letterboxd(f"{name},{year},4")).stars == {item: 4.0}


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("Pinocchio", 2020),  # one year from two films
        ("Fargo", 1998),
        ("Fargos", 1996),  # one letter too many
        ("Terminator 2", 1991),  # a part of a title
        ("Judgment Day", 1991),
        ("Hamlet", ""),  # two films; and there all films have years
        ("Fargo", ""),
        ("Visitor", 2008),  # neither the article nor the year is right
        ("Cosmos", 2015),  # the data knows no year
        ("Blade Runner 2049", 1982),
        ("Fargo (1996)", 1950),
        ("(" * 400, 1999),
        ("- " * 40, 1999),
        ("???", 1999),
    ],
)
def test_no_film_is_guessed(name, year):
    file = read(letterboxd(f"{name},{year},4"))
    assert (file.stars, len(file.unknown)) == ({}, 1)


def test_a_title_without_year_finds_the_only_film_that_is_called_so():
    file = read("title,stars of 5\nFargo,4\nHamlet,3\nhamlet 1948,2\nFargo 1997,1\nCosmos,5\n")
    assert (file.stars, file.unknown) == ({11: 4.0, 5: 2.0, 17: 5.0}, ("Hamlet", "Fargo 1997"))


def test_where_the_data_has_no_years_titles_alone_count():
    model = recommender_of({1: "Fargo", 2: "Cosmos"}, WHOLE_STARS)
    assert read_rating_file(letterboxd("Fargo,1996,4", "Hamlet,1990,2").encode(), model, DATASET).stars == {1: 4.0}


def test_a_film_with_two_ids_is_the_one_that_is_offered_however_it_is_named():
    offered = int(model_of().catalog.item_ids[model_of().titles.find("Chasing Amy")])
    texts = [f"title,dataset,item_id,stars\n,films,{item},4\n" for item in (9, 10)] + [letterboxd("Chasing Amy,1997,4")]
    assert [list(read(text).stars) for text in texts] == [[offered]] * 3


def test_the_later_moment_counts_or_else_the_later_row():
    head = "title,stars of 5,date\n"
    assert read(f"{head}Fargo,4,2024-02-01\nfargo,2,2024-01-01\n").stars == {11: 4.0}
    assert read(f"{head}Fargo,4,2024-02-01\nfargo,2,2024-02-01\n").stars == {11: 2.0}
    assert read(f"{head}Fargo,4,2024-02-01\nfargo,2,\n").stars == {11: 2.0}
    assert read(f"{head}Fargo,4,2024-02-01\nfargo,2,\n").when == {}
    marks = "title,dataset,item_id,stars,mark,marked_at\n,films,1,,later,2024-02-01\n,films,1,,hidden,2024-01-01\n"
    assert read(marks).marks == {1: "later"}


def test_unknown_films_are_named_once_in_the_file_s_order_on_one_line_and_not_at_length():
    file = read('title,stars of 5\n"Two\nLines",3\nAbba,4\n"Two\nLines",2\n,1\n' + "x" * 5000 + ",5\n")
    assert file.unknown[:3] == ("Two Lines", "Abba", "line 7, without a title")
    assert len(file.unknown) == 4
    assert len(file.unknown[3]) == 200
    broken = read(export(ratings=[{"dataset": "\ud800", "item_id": 1, "stars": 3}]))
    assert broken.unknown[0].encode("utf-8") == b"? 1"


# ---- stars


def test_stars_go_to_the_nearest_step_half_a_step_up_and_never_below_the_lowest():
    file = read(letterboxd("Fargo,1996,3.5", "The Matrix,1999,0.5", "Hamlet,1990,2"), WHOLE_STARS)
    assert (file.stars, file.rounded) == ({11: 4.0, 1: 1.0, 6: 2.0}, 2)
    assert read(letterboxd("Fargo,1996,0.1")).stars == {11: 0.5}


@pytest.mark.parametrize(
    "scale", [WHOLE_STARS, HALF_STARS, RatingScale(highest=10.0), RatingScale(lowest=0.1, step=0.1)]
)
def test_every_rating_becomes_the_nearest_step_of_any_scale(scale):
    for stars in np.linspace(0, scale.highest, 97):
        distances = np.abs(scale.levels - stars)
        assert nearest(float(stars), scale) in scale.levels
        assert abs(nearest(float(stars), scale) - stars) == pytest.approx(distances.min())
    assert [nearest(float(level), scale) for level in scale.levels] == scale.levels.tolist()


def test_a_continuous_scale_takes_every_number_in_its_range_as_it_is():
    scale = RatingScale(lowest=1.0, highest=10.0, step=0.0)
    assert [nearest(stars, scale) for stars in (0.2, 1.0, 3.14159, 10.0, 11.0)] == [1.0, 1.0, 3.14159, 10.0, 10.0]


def test_the_highest_of_a_source_is_the_highest_of_the_data():
    ten = RatingScale(highest=10.0)
    assert read(imdb("Fargo", 1996, "10"), ten).stars == read(letterboxd("Fargo,1996,5"), ten).stars == {11: 10.0}


@pytest.mark.parametrize("stars", ["nan", "inf", "-1", "11", "1e1", "1_0", "five", "٥", "9" * 400, "4/5", "--1", "★★★"])
def test_what_is_no_rating_is_refused_with_its_line(stars):
    with pytest.raises(
        DataError, match=r"^line 2: the rating is '.*; expected a number from 0 to 10, or nothing: correct"
    ):
        read(imdb("Nobody Knows It", 1996, stars))


@pytest.mark.parametrize("stars", [True, [], {}, "x", 10**400, -1, 6, float("nan"), float("inf")])
def test_what_is_no_rating_in_json_is_refused_with_its_place(stars):
    with pytest.raises(DataError, match=r"^ratings, entry 1: the rating is .*; expected a number from 0 to 5"):
        read(export(ratings=[{"dataset": DATASET, "item_id": 1, "stars": stars}]))


def test_stars_on_another_scale_are_at_least_a_number():
    with pytest.raises(DataError, match="^ratings, entry 1: the rating is inf; expected a number"):
        read(export(ratings=[{"dataset": "ml-1m", "item_id": 1, "stars": float("inf")}]))


def test_a_line_is_counted_as_an_editor_counts():
    with pytest.raises(DataError, match="^line 6: the rating is 'x'"):
        read(f'{LETTERBOXD}\n,"Two\nLines",1950,u,3\n\n,Fargo,1996,u,x\n')
    with pytest.raises(DataError, match=r"^ratings\.csv line 2: the rating is '7'; expected a number from 0 to 5"):
        read(zipped({"ratings.csv": letterboxd("Fargo,1996,7")}))


# ---- what is refused


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty; expected CSV, JSON, or the ZIP"),
        (b" \r\n\t", "the file is empty"),
        (b"\xef\xbb\xbf", "the file names the columns of no table; expected a title"),
        (b"x" * (MOST_BYTES + 1), "the file has 10,000,001 bytes; expected at most 10,000,000: split"),
        (b"%PDF-1.7 ...", "the file is a PDF; expected .*: save the table as CSV"),
        (b"\x89PNG\r\n\x1a\n", "the file is an image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "the file is an image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "the file is an Excel workbook; expected .*: save the table as CSV"),
        (b"title,stars of 5\nFar\0go,4", "the file is not text; expected .* UTF-8"),
        (b"\xff\xfet\0i\0", "the file names the columns 'ti'"),
        (b"\xff\xfet\0i\0t", "the file is not text"),
        (b"title,stars of 5\n\x81,4", "the file is not text"),
        (b"once upon a time", "the file names the columns 'once upon a time'; expected a title .* name the columns so"),
        (b"Date;Name;Year\n", "the file names the columns 'date', 'name', 'year'; expected a title"),
        (b"a,b,c,d,e,f,g\n", "'e', 'f', …; expected"),
        (WATCHLIST.encode(), "'letterboxd uri'; expected .* Letterboxd .ratings.csv, or the whole ZIP."),
        (
            b'title,stars of 5\nFargo,4\n"Fargo,4\nFargo,4',
            "line 3 is not CSV .*; expected quotation marks that are closed",
        ),
        (b'title,stars of 5\n"Far"go,4', "line 2 is not CSV"),
        (b"title,stars of 5\n" + b"x" * 200_000 + b",4", "line 2 is not CSV .field larger than field limit"),
        (b"x" * 200_000 + b",stars\n", "the file names the columns of no table"),
        (
            b"title,stars of 5\n" + b"Fargo,\n" * (MOST_AT_ONCE + 1),
            "line 20002 is row 20,001 of the table; expected at most 20",
        ),
        (
            b"title,dataset,item_id,stars,mark\n,films,1,,never",
            "line 2: the mark is 'never'; expected hidden or later or seen or",
        ),
        (b"{", "the file is damaged JSON: .* in line 1; expected the JSON export of this page"),
        (b"[" * 1_000_000, "the file is JSON with too many digits or levels"),
        (b'{"format": ' + b"[" * 1_000_000, "the file is JSON with too many digits or levels"),
        (b'{"format": ' + b"1" * 5000 + b"}", "the file is JSON with too many digits or levels"),
        (b"[1, 2]", "the file is a list; expected the JSON export"),
        (b"{}", "the file is JSON of the format None, not 1; expected"),
        (b'{"format": true}', "the file is JSON of the format True, not 1"),
        (b'{"format": 1, "marks": []}', "ratings: got None; expected a list"),
        (b"PK\x05\x06" + bytes(18), "the file is a ZIP archive without a ratings.csv or watchlist.csv; expected"),
        (b"PK\x03\x04" + b"x" * 99, "the ZIP archive is damaged; expected .*: download it again"),
    ],
)
def test_what_cannot_be_read_is_refused_and_the_message_says_what_to_do(content, message):
    with pytest.raises(DataError, match=message):
        read(content)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"format": 2}, "the file is JSON of the format 2, not 1"),
        ({"ratings": {}}, "ratings: got {}; expected a list as the export has it"),
        ({"ratings": [1]}, "ratings, entry 1 is 1; expected a film with its dataset"),
        (
            {"ratings": [{"dataset": DATASET, "item_id": "1"}]},
            "ratings, entry 1 is .*; expected a film with its dataset",
        ),
        ({"ratings": [{"dataset": DATASET, "item_id": 2**70}]}, "ratings, entry 1 is .*; expected a film"),
        ({"ratings": [{"dataset": 5, "item_id": 2}]}, "ratings, entry 1 is .*; expected a film"),
        (
            {"marks": [{"dataset": DATASET, "item_id": 1, "mark": 1}]},
            "marks, entry 1: the mark is 1; expected hidden or",
        ),
        ({"marks": [None] * (MOST_AT_ONCE + 1)}, "marks: got 20,001; expected at most 20,000: split"),
    ],
)
def test_json_of_another_shape_is_refused(changed, message):
    with pytest.raises(DataError, match=message):
        read(export(**changed))


def test_as_many_rows_as_can_be_kept_at_once_are_read():
    file = read("title,stars of 5\n" + "Hamlet,\n" * (MOST_AT_ONCE - 1) + "Fargo,4\n")
    assert (file.stars, file.unknown) == ({11: 4.0}, ())


def encrypted() -> bytes:
    """A ZIP whose head says that its one file is encrypted."""
    content = bytearray(zipped({"ratings.csv": letterboxd("Fargo,1996,4")}))
    for start, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(start) + at] |= 1
    return bytes(content)


def lying_bomb() -> bytes:
    """A ZIP whose file has many times the bytes that its heads say."""
    content = bytearray(zipped({"ratings.csv": b"x" * 20_000_000}))
    for start, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", content, content.index(start) + at, 100)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (encrypted(), "the ZIP archive is encrypted; expected .*: unpack it and upload what is inside"),
        (
            zipped({"ratings.csv": b"x" * (MOST_BYTES + 1)}),
            "holds a file of more than 10,000,000 bytes; expected at most",
        ),
        (lying_bomb(), "the ZIP archive is damaged"),
        (zipped({"ratings.csv": "x"}, zipfile.ZIP_LZMA), "the ZIP archive is packed in a rare way"),
        (
            zipped({"[Content_Types].xml": "", "xl/workbook.xml": ""}),
            "the file is a spreadsheet; expected .*: save the table",
        ),
        (zipped({"deleted/ratings.csv": LETTERBOXD}), "the file is a ZIP archive without a ratings.csv"),
        (zipped({"ratings.csv": b"\0"}), "ratings.csv is not text"),
        (zipped({"ratings.csv": "a,b"}), "ratings.csv names the columns 'a', 'b'"),
        (zipped({"watchlist.csv": "a,b"}), "watchlist.csv names the columns 'a', 'b'"),
    ],
)
def test_an_archive_that_cannot_be_read_is_refused(content, message):
    with pytest.raises(DataError, match=message):
        read(content)


def test_no_more_of_an_archive_is_unpacked_than_may_be_read():
    bomb = zipped({"ratings.csv": bytes(8 * MOST_BYTES)})
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="holds a file of more than 10,000,000 bytes"):
            read(bomb)
        assert tracemalloc.get_traced_memory()[1] < 4 * MOST_BYTES
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    [
        "w" * 5000,
        "w" * 5000 + ",stars",
        "title,stars of 5\nFargo," + "w" * 5000,
        "title,dataset,item_id,stars,mark\n,films,1,," + "w" * 5000,
        json.dumps({"format": "w" * 5000}),
        json.dumps({"format": 1, "ratings": "w" * 5000}),
        json.dumps({"format": 1, "ratings": [["w" * 30] * 9]}),
        json.dumps({"format": 1, "ratings": [{"dataset": "w" * 500, "item_id": 1, "stars": ["w" * 500]}]}),
    ],
)
def test_a_message_repeats_no_more_than_a_little_of_the_file(text):
    with pytest.raises(DataError, match="expected") as refusal:
        read(text)
    assert str(refusal.value).count("w") < 60  # the sentence has some itself
    assert "w" * 41 not in str(refusal.value)


# ---- nothing else is ever raised


def outcome(content: bytes) -> str:
    """What becomes of any bytes: a file that can be kept, or one sentence."""
    try:
        file = read(content)
    except DataError as refusal:
        return "refused" if "expected" in str(refusal) else f"refused without saying why: {refusal}"
    scale = model_of().scale
    assert scale.holds(np.array(list(file.stars.values()), dtype=np.float64)).all()
    assert set(file.stars) | set(file.marks) <= set(FILMS)
    assert set(file.when) <= set(file.stars)
    assert all(moment.utcoffset() is not None for moment in file.when.values())
    assert all(name == " ".join(name.split()) and name.encode() for name in file.unknown)
    return "read"


VALID = [
    (letterboxd("Fargo,1996,4.5", "Hamlet,1990,3", '"Nobody ""Knows"" It",1950,1')).encode(),
    imdb("Le fabuleux destin d'Amélie Poulain", 2001, "7").encode("cp1252"),
    "Title;Stars of 5;Date\r\nFargo;4,5;2024-01-01\r\n".encode("utf-16"),
    export().encode(),
    b"title,dataset,item_id,stars,rated_at,mark,marked_at\r\nFargo (1996),films,11,4.5,2024-01-01,later,2024-01-02\r\n",
    zipped({"ratings.csv": letterboxd("Fargo,1996,4.5"), "watchlist.csv": WATCHLIST}),
]


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300)
    | st.sampled_from([b"PK\x03\x04", b"{", b"\xff\xfe"]).flatmap(lambda a: st.binary().map(a.__add__))
)
def test_any_bytes_are_read_or_refused(content):
    outcome(content)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([LETTERBOXD, IMDB, "title,stars of 5\n", "title;dataset;item_id;stars;mark\n", ""]),
    st.lists(st.lists(st.text(max_size=12), max_size=8), max_size=4),
)
def test_any_texts_in_a_table_are_read_or_refused(head, rows):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";" if ";" in head else ",").writerows(rows)
    outcome((head + text.getvalue()).encode("utf-8", "replace"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["stars", "mark", "at"]), inner),
    max_leaves=6,
)
ENTRIES = st.lists(
    st.fixed_dictionaries({"dataset": st.just(DATASET), "item_id": st.just(1), "stars": JSON, "at": JSON})
)


@settings(max_examples=60, deadline=None)
@given(JSON | ENTRIES, JSON | ENTRIES)
def test_any_json_is_read_or_refused(ratings, marks):
    outcome(export(ratings=ratings, marks=marks).encode())


def damaged(content: bytes, rng: random.Random) -> bytes:
    """The file with some bytes changed, cut out, doubled or put in."""
    raw = bytearray(content)
    for _ in range(rng.randint(1, 2)):
        at, length = rng.randrange(len(raw)), rng.randint(1, 8)
        piece = raw[at : at + length]
        raw[at : at + length] = rng.choice(
            [b"", piece * 2, rng.randbytes(len(piece)), b'"', b"\0", b"\n,;", b"\xff" * 4]
        )
        if not raw:
            break
    return bytes(raw)


def test_damaged_files_are_read_or_refused_and_both_occur():
    rng = random.Random(0)
    outcomes = [outcome(damaged(content, rng)) for content in VALID for _ in range(50)]
    assert len(outcomes) == 300
    assert min(outcomes.count("read"), outcomes.count("refused")) > 50


def test_the_files_that_are_damaged_here_are_whole_before():
    assert [outcome(content) for content in VALID] == ["read"] * len(VALID)
    assert all(11 in read(content).stars or 12 in read(content).stars for content in VALID)


# ---- the table that people take away


def test_the_table_that_is_taken_away_is_read_back_as_it_was():
    at = "2024-02-29T12:00:00+00:00"
    rows = [
        FilmRow(DATASET, 1, 4.5, at, "", ""),
        FilmRow(DATASET, 11, "", "", "hidden", at),
        FilmRow(DATASET, 15, 3.0, at, "later", at),
        FilmRow("-other", 7, 2.0, at, "", ""),
    ]
    titles = {item: model_of().display_titles[place] for place, item in enumerate(FILMS)}
    text = ratings_csv(rows, lambda dataset, item: titles[item] if dataset == DATASET else "")
    assert text.splitlines()[0] == "title,dataset,item_id,stars,rated_at,mark,marked_at"
    for content in (text.encode(), text.encode("utf-8-sig"), text.replace("films", "renamed").encode()):
        file = read(content)
        assert (file.stars, file.marks) == ({1: 4.5, 15: 3.0}, {11: "hidden", 15: "later"})
        assert file.when == dict.fromkeys((1, 15), datetime(2024, 2, 29, 12, tzinfo=UTC))
        assert file.unknown == ("-other 7",)


@pytest.mark.parametrize("title", ["=1+1 (1970)", "+1", "-1", "@sum", "\tx", "\rx"])
def test_no_title_is_a_formula_in_the_table_that_is_taken_away(title):
    (_, row) = csv.reader(io.StringIO(ratings_csv([FilmRow("d", 1, 4.0, "", "", "")], lambda *_: title), newline=""))
    assert row[0] == "'" + title


@given(st.text("'=+-@\t\rx", max_size=6))
def test_a_guarded_text_is_turned_back_and_begins_no_formula(text):
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


# ---- real titles


@pytest.mark.data
def test_movielens_is_found_by_the_titles_of_letterboxd_and_imdb(ml_100k):
    catalog = ml_100k.catalog
    ratings = sp.csr_array(ml_100k.ratings.matrix())
    model = create("popularity", WHOLE_STARS, config=small_config("popularity")).fit(Interactions(ratings))
    items = Items.of(catalog.item_ids, ratings, catalog.genre_names)
    known = Recommender(Artifact("popularity", model, items, {"dataset": "ml-100k"}), catalog)
    expected = {
        "Star Wars,1977": 50,
        "Se7en,1995": 11,
        "The Shawshank Redemption,1994": 64,
        "The City of Lost Children,1995": 919,
        "Raiders of the Lost Ark,1981": 174,
        "The Silence of the Lambs,1991": 98,
        "Three Colors: Red,1994": 59,
    }
    missing = ("Amélie (2001)", "The Matrix (1999)", "Terminator (1991)")
    table = letterboxd(*(f"{film},4" for film in expected), *(f"{film[:-7]},{film[-5:-1]},4" for film in missing))
    file = read_rating_file(table.encode(), known, "ml-100k")
    assert (list(file.stars), file.unknown) == (list(expected.values()), missing)
