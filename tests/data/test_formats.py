import pytest

from recsys.data.ratings import COLUMNS
from recsys.data.reading.formats import read_folder
from recsys.errors import DataError
from recsys.films.catalog import Film
from tests.support.data_folders import RATINGS, lines, write_csv, write_double_colon, write_tabbed

WRITERS = {"u.data": write_tabbed, "ratings.dat": write_double_colon, "ratings.csv": write_csv}
SEPARATORS = {"u.data": "\t", "ratings.dat": "::", "ratings.csv": ","}
FILMS = {"u.data": "u.item", "ratings.dat": "movies.dat", "ratings.csv": "movies.csv"}
USERS = {"u.data": "u.user", "ratings.dat": "users.dat"}
every_format = pytest.mark.parametrize("file", WRITERS)


def replace(path, old, new):
    """Change the first place where a file says old."""
    content = path.read_bytes()
    assert old.encode() in content
    path.write_bytes(content.replace(old.encode(), new.encode(), 1))


@every_format
def test_ratings_are_read_in_the_files_order(tmp_path, file):
    tables = read_folder(WRITERS[file](tmp_path))
    shift = 0.5 if file == "ratings.csv" else 0
    assert tables.ratings_file == tmp_path / file
    assert list(tables.ratings.columns) == list(COLUMNS)
    rows = tables.ratings.itertuples(index=False)
    assert [tuple(row) for row in rows] == [(user, item, stars - shift, time) for user, item, stars, time in RATINGS]


def test_films_of_the_tabbed_format(tmp_path):
    films = read_folder(write_tabbed(tmp_path)).films
    assert films == {
        10: Film("Café, Le (1995)", ("Comedy",), "01-Jan-1995"),
        20: Film("unknown", ("unknown",), ""),
        30: Film("Made for Home (1996) (V)", ("Comedy",), "01-Jan-1996"),
    }


def test_genre_names_come_from_u_genre_where_it_is(tmp_path):
    write_tabbed(tmp_path)
    (tmp_path / "u.genre").write_bytes(lines("Noir|1", "Western|0", ""))
    (tmp_path / "u.item").write_bytes(lines("10|A|||x|1|1", "20|B||||0|1", "30|C||||0|0"))
    genres = [film.genres for film in read_folder(tmp_path).films.values()]
    assert genres == [("Western", "Noir"), ("Noir",), ()]


def test_a_double_colon_and_a_colon_may_stand_in_a_title(tmp_path):
    films = read_folder(write_double_colon(tmp_path)).films
    assert films[20] == Film("Up: A :: Down (1990)", ("War",))
    assert films[10] == Film("Café, Le (1995)", ("Comedy", "Drama"))


def test_a_csv_title_may_hold_commas(tmp_path):
    assert read_folder(write_csv(tmp_path)).films[10] == Film("Café, Le (1995)", ("Comedy", "Drama"))


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-8-sig"])
@every_format
def test_titles_are_read_in_utf_8_or_else_latin_1(tmp_path, file, encoding):
    films = WRITERS[file](tmp_path) / FILMS[file]
    text = films.read_bytes().decode("latin-1" if file == "u.data" else "utf-8")
    films.write_bytes(text.encode(encoding))
    assert read_folder(tmp_path).films[10].title == "Café, Le (1995)"


@every_format
def test_windows_line_ends_and_blank_lines_do_no_harm(tmp_path, file):
    plain = read_folder(WRITERS[file](tmp_path))
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n\r\n"))
    read = read_folder(tmp_path)
    assert read.ratings.equals(plain.ratings)
    assert read.films == plain.films
    assert read.users is plain.users or read.users.equals(plain.users)


def test_columns_of_a_csv_are_found_by_name(tmp_path):
    write_csv(tmp_path)
    (tmp_path / "ratings.csv").write_bytes(
        lines("rating,note,timestamp,movieId,userId", "4.5,x,100,30,7", "0.5,y,101,10,2", encoding="utf-8-sig")
    )
    (tmp_path / "movies.csv").write_bytes(lines("genres,title,imdb,movieId", "War,Ten,1,10", "War,Thirty,1,30"))
    tables = read_folder(tmp_path)
    assert tables.ratings.to_numpy().tolist() == [[7, 30, 4.5, 100], [2, 10, 0.5, 101]]
    assert tables.films == {10: Film("Ten", ("War",)), 30: Film("Thirty", ("War",))}


LINKS = "movieId,imdbId,tmdbId"


def test_ids_of_other_sites_come_from_links_csv_where_it_is(tmp_path):
    rows = ("tmdbId,note,movieId,imdbId", "862,x,10,0114709", ",x,30,11947264", "5,x,99,0000001", ",x,20,")
    (write_csv(tmp_path) / "links.csv").write_bytes(lines(*rows, encoding="utf-8-sig"))
    films = read_folder(tmp_path).films
    assert {item: (film.imdb, film.tmdb) for item, film in films.items()} == {
        10: ("tt0114709", 862),
        20: (None, None),
        30: ("tt11947264", None),
    }


@every_format
def test_no_film_has_an_id_elsewhere_without_links_csv(tmp_path, file):
    films = read_folder(WRITERS[file](tmp_path)).films.values()
    assert {(film.imdb, film.tmdb) for film in films} == {(None, None)}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (("movieId,imdbId", "10,1"), "links.csv line 1 names no column 'tmdbId'; it is 'movieId,imdbId'. Expected 'mo"),
        ((), "links.csv line 1 names no column 'movieId'; it is ''"),
        ((LINKS, "10,1,2", "30,1"), "links.csv line 3 has 2 fields; expected 3. Correct or delete that line."),
        ((LINKS, "ten,1,2"), "links.csv line 2: the film's id is 'ten'; expected a whole number"),
        ((LINKS, "10,tt1,2"), "links.csv line 2: the id at IMDb is 'tt1'; expected a whole number"),
        ((LINKS, "10,1,2.0"), "links.csv line 2: the id at TMDB is '2.0'; expected a whole number"),
        ((LINKS, "10,1,2", "010,3,4"), "links.csv line 3: the film's id is '010'; expected an id that no earlier"),
        ((LINKS, '10,"1' + "x" * 140_000), "links.csv line 2 is not CSV: field larger"),
    ],
)
def test_refuses_a_bad_line_of_the_links(tmp_path, rows, message):
    (write_csv(tmp_path) / "links.csv").write_bytes(lines(*rows))
    with pytest.raises(DataError, match=message):
        read_folder(tmp_path)


def test_people_of_the_tabbed_format(tmp_path):
    users = read_folder(write_tabbed(tmp_path)).users
    assert users.index.tolist() == [2, 5, 7, 9]
    assert users.loc[2].tolist() == [24, "M", "none", "85711"]
    assert users.loc[9].isna().tolist() == [False, False, True, False]


def test_occupation_numbers_become_names(tmp_path):
    users = read_folder(write_double_colon(tmp_path)).users
    assert users.occupation.tolist() == ["other", "writer", "programmer", "executive/managerial"]
    assert users.zip_code.tolist() == ["48067", "70072", "55117", "02460"]
    assert users.age.isna().tolist() == [False, False, False, True]
    assert users.age.iloc[:3].tolist() == [1, 56, 25]


@pytest.mark.parametrize("file", USERS)
def test_people_are_optional(tmp_path, file):
    (WRITERS[file](tmp_path) / USERS[file]).unlink()
    assert read_folder(tmp_path).users is None


def test_the_newer_sets_have_no_people(tmp_path):
    assert read_folder(write_csv(tmp_path)).users is None


def test_only_the_tabbed_format_promises_whole_stars(tmp_path):
    scales = [read_folder(write(tmp_path / file)).format.ratings.scale for file, write in WRITERS.items()]
    assert [scale and scale.step for scale in scales] == [1, None, None]


def test_refuses_a_folder_without_ratings(tmp_path):
    with pytest.raises(DataError, match=r"holds no ratings file; expected one of u.data, ratings.dat, ratings.csv"):
        read_folder(tmp_path)


@every_format
def test_refuses_a_folder_without_films(tmp_path, file):
    (WRITERS[file](tmp_path) / FILMS[file]).unlink()
    with pytest.raises(DataError, match=f"has no file {FILMS[file]}; expected the unpacked files of one data set"):
        read_folder(tmp_path)


def test_refuses_a_ratings_csv_of_no_bytes(tmp_path):
    (write_csv(tmp_path) / "ratings.csv").write_bytes(b"")
    with pytest.raises(DataError, match="ratings.csv line 1 names no column 'userId'; it is ''"):
        read_folder(tmp_path)


BAD_RATINGS = {
    "user": ("x|10|3|5", "user_id is 'x'; expected a whole number"),
    "item": ("1|1.5|3|5", "item_id is '1.5'; expected a whole number"),
    "stars": ("1|10|good|5", "stars is 'good'; expected a number"),
    "timestamp": ("1|10|3|noon", "timestamp is 'noon'; expected a whole number"),
    "huge": ("99999999999999999999|10|3|5", "user_id is '99999999999999999999'; expected a whole number"),
    "empty user": ("|10|3|5", "user_id is empty; expected a whole number"),
    "empty stars": ("1|10||5", "stars is empty; expected a number"),
    "short": ("1|10|3", "has 3 fields separated by .*; expected 4"),
    "text": ("hello", "has 1 fields separated by .*; expected 4"),
}


@every_format
@pytest.mark.parametrize("case", BAD_RATINGS)
def test_refuses_a_bad_line_and_names_it_as_an_editor_does(tmp_path, file, case):
    path = WRITERS[file](tmp_path) / file
    line, message = BAD_RATINGS[case]
    at = len(path.read_text().split("\n")) + 2  # two blank lines come before it
    path.write_bytes(path.read_bytes() + lines("", "", line.replace("|", SEPARATORS[file]), "also bad"))
    with pytest.raises(DataError, match=f"^{file} line {at}:? {message}. Correct or delete that line.$"):
        read_folder(tmp_path)


@every_format
def test_a_row_is_found_again_as_a_line_despite_blank_lines(tmp_path, file):
    path = WRITERS[file](tmp_path) / file
    path.write_bytes(path.read_bytes().replace(b"\n", b"\n\n"))
    tables = read_folder(tmp_path)
    header = 2 if file == "ratings.csv" else 0
    assert [tables.place(row) for row in (0, 1, 5)] == [f"line {header + line}" for line in (1, 3, 11)]


def test_refuses_a_csv_of_ratings_without_a_header(tmp_path):
    path = write_csv(tmp_path) / "ratings.csv"
    replace(path, "userId,movieId,rating,timestamp\n", "")
    with pytest.raises(
        DataError, match="ratings.csv line 1 names no column 'userId'; it is '7,30,4.5,100'. Expected 'userId,"
    ):
        read_folder(tmp_path)


def test_refuses_a_csv_of_ratings_whose_quotes_do_not_close(tmp_path):
    path = write_csv(tmp_path) / "ratings.csv"
    replace(path, "\n7,", '\n"7,')
    with pytest.raises(
        DataError, match="ratings.csv line 2 is not CSV: .*every quotation mark that opens to close again"
    ):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("u.data", "\n30|", "\nx|", "u.item line 3: the film's id is 'x'; expected a whole number"),
        ("u.data", "\n30|", "\n10|", "u.item line 3: the film's id is '10'; expected an id that no earlier line has"),
        ("u.data", "|unknown|", "||", "u.item line 2: the title is empty; expected a film's title"),
        ("u.data", "|unknown|", "|", r"u.item line 2 has 23 fields separated by '\|'; expected 24"),
        ("u.data", "|||1|0", "|||2|0", "u.item line 2: a genre flag is '2'; expected 0 or 1"),
        ("ratings.dat", "\n20::", "\n::", "movies.dat line 2: the film's id is empty; expected a whole number"),
        (
            "ratings.dat",
            "30::Plain (1996)::",
            "30::",
            "movies.dat line 3: this line is '30::Comedy'; expected id::title",
        ),
        ("ratings.csv", "movieId,", "id,", "movies.csv line 1 names no column 'movieId'; it is 'id,title,genres'"),
        ("ratings.csv", "\n20,", "\ntwenty,", "movies.csv line 3: the film's id is 'twenty'; expected a whole number"),
        ("ratings.csv", '"Café, Le (1995)"', "Café, Le (1995)", "movies.csv line 2 has 4 fields; expected 3. Put quot"),
        ("ratings.csv", ",Plain,", ',"Plain,' + "x" * 140_000, "movies.csv line 4 is not CSV: field larger"),
    ],
)
def test_refuses_a_bad_line_of_the_films(tmp_path, file, old, new, message):
    replace(WRITERS[file](tmp_path) / FILMS[file], old, new)
    with pytest.raises(DataError, match=message):
        read_folder(tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("u.data", "\n5|", "\nfive|", "u.user line 2: the user's id is 'five'; expected a whole number"),
        ("u.data", "\n5|", "\n2|", "u.user line 2: the user's id is '2'; expected an id that no earlier line has"),
        ("u.data", "|53|", "|old|", "u.user line 2: the age is 'old'; expected a whole number"),
        ("u.data", "|53|", "|", r"u.user line 2 has 4 fields separated by '\|'; expected 5"),
        ("ratings.dat", "::20::", "::21::", "users.dat line 2: the occupation is '21'; expected a number from 0 to 20"),
        (
            "ratings.dat",
            "::20::",
            "::writer::",
            "users.dat line 2: the occupation is 'writer'; expected a whole number",
        ),
    ],
)
def test_refuses_a_bad_line_of_the_people(tmp_path, file, old, new, message):
    replace(WRITERS[file](tmp_path) / USERS[file], old, new)
    with pytest.raises(DataError, match=message):
        read_folder(tmp_path)
