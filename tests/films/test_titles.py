import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.movielens import load_dataset
from recsys.errors import DataError
from recsys.films.catalog import Catalog, Film
from recsys.films.titles import LONGEST, TitleIndex

FILMS = {  # item id -> title, number of ratings; all but the last have a genre
    1: ("Matrix, The (1999)", 90),
    2: ("Matrix Reloaded, The (2003)", 40),
    3: ("City of Lost Children, The (Cité des enfants perdus, La) (1995)", 30),
    4: ("Seven (a.k.a. Se7en) (1995)", 70),
    5: ("Terminator 2: Judgment Day (1991)", 80),
    6: ("Terminator, The (1984)", 60),
    7: ("Star Wars: Episode IV - A New Hope (1977)", 95),
    8: ("Star Wars: Episode VI - Return of the Jedi (1983)", 85),
    9: ("Hamlet (1948)", 10),
    10: ("Hamlet (1990)", 20),
    11: ("Fast and the Furious, The (2001)", 35),
    12: ("Blade Runner 2049 (2017)", 25),
    13: ("Blade Runner (1982)", 75),
    14: ("Die Hard (1988)", 65),
    15: ("WALL·E (2008)", 45),
    16: ("I Am Cuba (Soy Cuba/Ya Kuba) (1964)", 2),
    17: ("Chasing Amy (1997)", 3),
    18: ("Chasing Amy (1997)", 50),
    19: ("Hyena Road", 4),
    20: ("8 1/2 (8½) (1963)", 15),
    21: ("Mask (1985)", 5),
    22: ("Mask, The (1994)", 55),
    23: ("Professional, The (Professionnel, Le) (1981)", 6),
    24: ("Léon: The Professional (a.k.a. The Professional) (Léon) (1994)", 68),
    25: ("Avventura, L' (Adventure, The) (1960)", 7),
    26: ("Red Chapel (Røde kapel) (2006)", 1),
    27: ("(500) Days of Summer (2009)", 33),
    28: ("Death Race 2000 (1975)", 8),
    29: ("$ (Dollars) (1971)", 9),
    30: ("Spider-Man (2002)", 48),
    31: ("Spider-Man 2 (2004)", 47),
    32: ("Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb (1964)", 58),
    33: ("Bicycle Thieves (a.k.a. Bicycle Thief, The) (Ladri di biciclette) (1948)", 12),
    34: ("unknown", 11),
}


@pytest.fixture(scope="module")
def index():
    ids = np.array(list(FILMS))
    films = {item_id: Film(title, ("Drama",) * (title != "unknown")) for item_id, (title, _) in FILMS.items()}
    return TitleIndex(Catalog.from_films(ids, films), np.array([count for _, count in FILMS.values()]))


def index_of(*films):
    """Films (title, number of ratings), with ids from 1 and a genre each."""
    catalog = {item_id: Film(title, ("Drama",)) for item_id, (title, _) in enumerate(films, start=1)}
    return TitleIndex(Catalog.from_films(np.array(list(catalog)), catalog), np.array([count for _, count in films]))


def ids(index, items):
    return index.catalog.item_ids[items].tolist()


# ---- what may be listed


def test_every_film_is_listed_once_under_its_most_rated_id_and_the_most_rated_film_first(index):
    titles = list(index.item_of)
    assert titles[:3] == [
        "Star Wars: Episode IV - A New Hope (1977)",
        "The Matrix (1999)",
        "Star Wars: Episode VI - Return of the Jedi (1983)",
    ]
    assert ids(index, [index.item_of["Chasing Amy (1997)"]]) == [18]
    assert "unknown" not in titles
    assert len(titles) == len(FILMS) - 2


def test_offered_are_the_ids_that_are_listed(index):
    assert index.offered.dtype == bool
    assert np.flatnonzero(index.offered).tolist() == sorted(index.item_of.values())
    assert ids(index, ~index.offered) == [17, 34]


def test_without_numbers_of_ratings_the_first_id_of_a_film_stands_for_it():
    assert index_of(("B (1990)", 0), ("A (1990)", 0), ("B (1990)", 0)).item_of == {"B (1990)": 0, "A (1990)": 1}


def test_an_id_with_genres_stands_for_one_of_the_same_title_without():
    films = {1: Film("Up"), 2: Film("Up", ("War",))}
    index = TitleIndex(Catalog.from_films(np.array([1, 2]), films), np.array([9, 1]))
    assert index.item_of == {"Up": 1}
    assert index.find(1) == index.find("Up") == 1


def test_numbers_of_ratings_without_a_sign_are_put_in_order():
    films = {1: Film("B (1990)"), 2: Film("A (1990)"), 3: Film("C (1990)")}
    index = TitleIndex(Catalog.from_films(np.array([1, 2, 3]), films), np.array([1, 0, 2], dtype=np.uint32))
    assert list(index.item_of.values()) == [2, 0, 1]


def test_where_no_film_has_year_or_genre_all_are_listed():
    films = {1: Film("Up"), 2: Film("Down")}
    index = TitleIndex(Catalog.from_films(np.array([1, 2]), films), np.array([1, 9]))
    assert index.item_of == {"Down": 1, "Up": 0}
    assert index.offered.all()


# ---- one film


@pytest.mark.parametrize(
    ("asked", "item_id"),
    [
        ("The Matrix", 1),
        ("matrix", 1),
        ("matrix 1999", 1),
        ("Matrix, The", 1),
        ("matrix, the", 1),
        ("Matrix, The (1999)", 1),
        ("Matrix, The [1999]", 1),
        ("the matrix, 1999", 1),
        ("THE MATRIX (1999)", 1),
        ("  The  Matrix ", 1),
        ("Cité des enfants perdus", 3),
        ("cite des enfants perdus", 3),
        ("La Cite\u0301 des enfants perdus", 3),
        ("Cité des enfants perdus, La (1995)", 3),
        ("City of Lost Children", 3),
        ("The City of Lost Children (La Cité des enfants perdus)", 3),
        ("Se7en", 4),
        ("Seven", 4),
        ("Seven (Se7en) (1995)", 4),
        ("Seven (Sieben) (1995)", 4),
        ("Terminator 2", 5),
        ("terminator 2 1991", 5),
        ("Judgment Day", 5),
        ("Terminator", 6),
        ("A New Hope", 7),
        ("Star Wars Episode IV", 7),
        ("return of the jedi", 8),
        ("fast & the furious", 11),
        ("Fast + the Furious (2001)", 11),
        ("Blade Runner 2049", 12),
        ("Blade Runner", 13),
        ("blade runner 1982", 13),
        ("wall-e", 15),
        ("WALLE", 15),
        ("Soy Cuba", 16),
        ("Ya Kuba", 16),
        ("chasing amy", 18),
        ("hyena road", 19),
        ("Hyena Road (2015)", 19),
        ("8½", 20),
        ("8 1/2", 20),
        ("Mask", 21),
        ("the mask", 22),
        ("professionnel", 23),
        ("The Professional (1994)", 24),
        ("Leon", 24),
        ("L'Avventura", 25),
        ("lavventura", 25),
        ("avventura", 25),
        ("Avventura, L’", 25),
        ("rode kapel", 26),
        ("500 days of summer", 27),
        ("death race 2000", 28),
        ("Death Race 2000 (1975)", 28),
        ("$", 29),
        ("spiderman", 30),
        ("Dr Strangelove", 32),
        ("bicycle thief", 33),
        ("The Bicycle Thief (1948)", 33),
        ("Soy Cuba / Ya Kuba", 16),
        ("unknown", 34),
    ],
)
def test_a_film_is_found_by_what_people_call_it(index, asked, item_id):
    assert ids(index, [index.find(asked)]) == [item_id]


@pytest.mark.parametrize("item_id", [1, 18, 34])
def test_an_id_is_its_own_film(index, item_id):
    assert ids(index, [index.find(item_id)]) == [item_id]
    assert index.find(np.int32(item_id)) == index.find(item_id)


def test_an_id_that_is_not_offered_stands_for_the_one_that_is(index):
    assert index.find(17) == index.find(18) == index.find("Chasing Amy (1997)")


def test_a_title_in_parentheses_gives_way_to_the_same_title_of_that_year_but_not_to_one_of_another_year():
    index = index_of(("Bewegte Mann, Der (1994)", 1), ("Maybe, Maybe Not (Bewegte Mann, Der) (1994)", 9))
    assert ids(index, [index.find("Bewegte Mann, Der (1994)")]) == [1]
    with pytest.raises(DataError, match=r"2 films may be meant by 'der bewegte mann': 'Der Bewegte Mann \(1994\)', '"):
        index.find("der bewegte mann")


def test_several_films_are_found_in_their_order(index):
    assert ids(index, index.find_all(["leon", 1, "Leon", np.int64(17)])) == [24, 1, 24, 18]
    assert index.find_all(iter(())) == []


# ---- no film


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("Hamlet", r"2 films may be meant by 'Hamlet': 'Hamlet \(1990\)', 'Hamlet \(1948\)'; add the year or write"),
        (
            "star wars",
            r"2 films may be meant by 'star wars': 'Star Wars: Episode IV - A New Hope \(1977\)', "
            r"'Star Wars: Episode VI - Return of the Jedi \(1983\)'; add the year or write the whole title\.$",
        ),
        (
            "The professional",
            "2 films may be meant by 'The professional': 'The Professional .*', 'Léon: The Professional",
        ),
        ("The Matrix (2001)", r"no film of 2001 is called 'The Matrix'; there is 'The Matrix \(1999\)'\.$"),
        ("matrix 2003", r"no film of 2003 is called 'matrix'; there is 'The Matrix \(1999\)'\.$"),
        ("Hamlet (2000)", r"no film of 2000 is called 'Hamlet'; there is 'Hamlet \(1990\)', 'Hamlet \(1948\)'\.$"),
        ("the matirx", r"no film is called 'the matirx'; the nearest are 'The Matrix \(1999\)', 'The Matrix Reloaded"),
        ("jedi film", r"no film is called 'jedi film'; the nearest are 'Star Wars: Episode VI"),
        ("hard", r"no film is called 'hard'; the nearest are 'Die Hard \(1988\)'\.$"),
        ("qqqqq", "no film is called 'qqqqq'; expected its title, such as 'Star Wars: .*', or its item id, a whole"),
        ("", "got an empty title; expected its title, such as 'Star Wars"),
        (" \n", "got an empty title; expected its title"),
        (35, r"no film has the item id 35; expected one of the 34 from 1 to 34\.$"),
        (-1, "no film has the item id -1; expected"),
        (True, r"got True \(bool\) for a film; expected its title, such as 'Star Wars"),
        (np.bool_(True), r"got .*True.* \(bool.*\) for a film"),
        (1.0, r"got 1.0 \(float\) for a film"),
        (None, r"got None \(NoneType\) for a film"),
        (b"Leon", r"got b'Leon' \(bytes\) for a film"),
        (["Leon"], r"got \['Leon'\] \(list\) for a film"),
    ],
)
def test_what_names_no_film_is_refused_in_one_short_sentence(index, asked, message):
    with pytest.raises(DataError, match=f"^{message}") as refused:
        index.find(asked)
    assert len(str(refused.value)) < 300


def test_what_is_far_too_long_is_refused_in_one_short_sentence_too(index):
    text = "x" * 10_000_000
    refusals = {
        "got 'x{40}…' with 10,000,000 characters for a film; expected its title": text,
        r"got \['x+\.\.\.x+'\] \(list\) for a film": [text],
        "no film has the item id with 16,610 bits; expected": 10**5000,
    }
    for message, asked in refusals.items():
        with pytest.raises(DataError, match=f"^{message}") as refused:
            index.find(asked)
        assert len(str(refused.value)) < 200


def test_a_message_lists_only_the_most_rated_of_many_films():
    index = index_of(*((f"Hamlet ({1950 + count})", count) for count in range(10)))
    listed = ", ".join(rf"'Hamlet \({year}\)'" for year in range(1959, 1953, -1))
    with pytest.raises(DataError, match=f"^10 films may be meant by 'Hamlet': {listed} and 4 more; add the year"):
        index.find("Hamlet")


def test_one_title_is_no_list_of_titles(index):
    with pytest.raises(DataError, match="got the text 'Leon' for a list of films; put brackets around it"):
        index.find_all("Leon")


def test_the_first_of_several_films_that_is_unknown_is_told(index):
    with pytest.raises(DataError, match="no film is called 'qqqqq'"):
        index.find_all(["Leon", "qqqqq", True])


@settings(max_examples=40, deadline=None)
@given(text=st.one_of(st.text(max_size=LONGEST + 9), st.text(alphabet=" (),:-.aAk12'", max_size=LONGEST)))
def test_any_text_is_a_film_or_a_short_reason(index, text):
    try:
        answer = index.find(text)
    except DataError as reason:
        answer = str(reason)
    assert answer in range(len(FILMS)) if isinstance(answer, int) else 0 < len(answer) < 700
    assert set(index.search(text, 5)) <= set(index.item_of.values())


# ---- a search box


@pytest.mark.parametrize(
    ("typed", "item_ids"),
    [
        ("jedi", [8]),
        ("return jedi", [8]),
        ("jedi ret", [8]),
        ("star", [7, 8]),
        ("matri", [1, 2]),
        ("the mat", [1, 2]),
        ("matrix 2003", [2]),
        ("matrix, the", [1, 2]),
        ("trix", [1, 2]),
        ("cité", [3]),
        ("se7", [4]),
        ("mask", [22, 21]),
        ("chasing", [18]),
        ("spiderman", [30, 31]),
        ("(500) days", [27]),
        ("leon", [24]),
        ("$", [29]),
    ],
)
def test_a_part_of_a_title_finds_it_the_most_rated_first(index, typed, item_ids):
    assert ids(index, index.search(typed)) == item_ids


def test_what_is_called_so_comes_before_what_begins_so_and_that_before_what_has_it_within():
    index = index_of(
        ("Kingpin (1996)", 5),
        ("Lion King, The (1994)", 90),
        ("King, The (2005)", 1),
        ("Viking (1995)", 99),
        ("Richard: King (1990)", 95),
    )
    assert ids(index, index.search("king")) == [3, 1, 5, 2, 4]


@pytest.mark.parametrize(
    ("typed", "item_id"),
    [
        ("jedy", 8),
        ("matirx", 1),
        ("termni", 5),
        ("terminatro", 5),
        ("teh matrix", 1),
        ("strangelvoe", 32),
        ("strnagelvoe", 32),
        ("spidermna", 30),
        ("jedi qqq", 8),
        ("star wars 4", 7),
    ],
)
def test_typing_errors_are_forgiven(index, typed, item_id):
    assert ids(index, index.search(typed))[0] == item_id


def test_a_word_typed_right_counts_for_more_than_one_nearly_right():
    index = index_of(("Heat (1995)", 1), ("Heart (1999)", 50))
    assert ids(index, index.search("heat film")) == [1]
    assert ids(index, index.search("hert")) == [2, 1]


@pytest.mark.parametrize("typed", ["", "  "])
def test_before_anything_is_typed_the_most_rated_films_are_shown(index, typed):
    assert ids(index, index.search(typed, 3)) == [7, 1, 8]


@pytest.mark.parametrize("typed", ["qqqqq", "xy", "!!"])
def test_what_resembles_nothing_finds_nothing(index, typed):
    assert index.search(typed) == []


def test_of_a_long_text_only_the_beginning_is_read(index):
    assert index.search("x" * 10_000_000) == []
    assert index.search("".join(f" word{at}" for at in range(100_000))) == []
    assert ids(index, index.search("jedi " * 1_000_000)) == [8]
    alphabet = " ".join("abcdefghijkl")
    assert index_of((alphabet, 1)).search(f"{alphabet} unheardofword") == [0]


def test_no_more_films_are_given_than_asked_for(index):
    assert len(index.search("a")) == 10
    assert ids(index, index.search("star", 1)) == [7]
    assert index.search("star", 0) == []


def test_what_may_not_be_listed_is_not_searched(index):
    assert index.search("unknown") == []


def test_rapidfuzz_is_loaded_only_when_something_is_misspelt():
    code = "import sys, recsys.films.titles; assert not {'rapidfuzz', 'pandas', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True)


def test_a_search_says_whether_what_it_found_is_what_was_typed_or_only_the_nearest(index):
    for typed, fits in (("", True), ("jedi", True), ("trix", True), ("jedy", False), ("qqqqq", False)):
        assert index.look_up(typed).fits is fits, typed
    assert index.look_up("jedy").items == index.search("jedy")


def test_the_year_of_the_newest_film_is_told_where_years_are_known(index):
    assert index.last_year == 2017
    assert index_of(("Up", 1)).last_year is None


NUMBERED = index_of(
    ("Twelve Monkeys (1995)", 50),
    ("Rocky II (1979)", 30),
    ("Rocky V (1990)", 10),
    ("Rocky Balboa (2006)", 20),
    ("Seven Samurai (1954)", 40),
    ("2001: A Space Odyssey (1968)", 60),
    ("V for Vendetta (2006)", 70),
    ("I, Robot (2004)", 80),
    ("Godfather: Part II, The (1974)", 90),
)


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("12 monkeys", "Twelve Monkeys (1995)"),
        ("monkeys 12", "Twelve Monkeys (1995)"),
        ("7 samurai", "Seven Samurai (1954)"),
        ("rocky 2", "Rocky II (1979)"),
        ("rocky two", "Rocky II (1979)"),
        ("rocky 5", "Rocky V (1990)"),
        ("rocky 2006", "Rocky Balboa (2006)"),
        ("v for", "V for Vendetta (2006)"),
        ("i robot", "I, Robot (2004)"),
        ("godfather 2", "The Godfather: Part II (1974)"),
        ("space odyssey 2001", "2001: A Space Odyssey (1968)"),
    ],
)
def test_a_number_is_found_however_it_is_written(typed, title):
    assert NUMBERED.catalog.display_title(NUMBERED.search(typed)[0]) == title
    assert NUMBERED.look_up(typed).fits


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("12 Monkeys", "Twelve Monkeys (1995)"),
        ("Seven Samurai", "Seven Samurai (1954)"),
        ("Rocky 2 (1979)", "Rocky II (1979)"),
        ("The Godfather Part II", "The Godfather: Part II (1974)"),
        ("The Godfather, Part Two (1974)", "The Godfather: Part II (1974)"),
        ("The Rocky Two", "Rocky II (1979)"),
    ],
)
def test_a_title_is_known_by_its_number_however_it_is_written(asked, title):
    assert NUMBERED.catalog.display_title(NUMBERED.find(asked)) == title


EPISODES = ("Saga: Episode IV - The Old Hope (1977)", 90), ("Saga: Episode V - Empire of Rust (1980)", 80)


@pytest.mark.parametrize(
    ("asked", "item_id"),
    [
        ("Saga (1977)", 1),
        ("Saga (1980)", 2),
        ("The Old Hope (1977)", 1),
        ("Saga: Empire of Rust", 2),
        ("Saga: Episode V – Empire of Rust (1980)", 2),
        ("Life of Ludwig (1979)", 3),
        ("Three Harbours: Grey (1993)", 4),
        ("The Untouched Ones", 5),
        ("Cat & Dog: The Curse of the Garden (2005)", 6),
    ],
)
def test_other_names_that_a_title_has_in_it_are_its_own(asked, item_id):
    index = index_of(
        *EPISODES,
        ("Some Body's Life of Ludwig (1979)", 3),
        ("Three Harbors: Gray (1993)", 2),
        ("Untouched Ones (2011)", 1),
        ("Cat & Dog in The Curse of the Garden (2005)", 1),
    )
    assert ids(index, [index.find(asked)]) == [item_id]


def test_a_year_may_be_off_by_one_where_the_title_is_exact_and_one_film_alone_is_near():
    index = index_of(
        ("Paradiso (1989)", 5), ("Island, The (2005)", 9), ("Island, The (2007)", 2), ("Long Saga: Up (1990)", 1)
    )
    assert ids(index, [index.find("Paradiso (1988)"), index.find("Paradiso (1990)")]) == [1, 1]
    assert ids(index, [index.find("The Island (2004)"), index.find("The Island (2005)")]) == [2, 2]
    for asked in ("Paradiso (1991)", "Paradiso 1988", "The Island (2006)", "Long Saga (1991)"):
        with pytest.raises(DataError, match="no film of .* is called"):
            index.find(asked)


def test_a_film_of_the_very_year_comes_before_one_that_is_off_by_one():
    index = index_of(("Paradiso (1989)", 50), ("Dream, The (Paradiso) (1988)", 1), ("Nine Lives: Paradiso (1991)", 2))
    assert ids(index, [index.find("Paradiso (1988)"), index.find("Paradiso (1990)")]) == [2, 1]


def test_a_longer_title_is_the_film_that_is_called_as_it_ends_if_the_very_year_says_so_too():
    index = index_of(("Professional, The (1994)", 5), ("Twins (1988)", 2), ("Twins (1990)", 2))
    assert ids(index, [index.find("Léon: The Professional (1994)"), index.find("Jo - Twins (1990)")]) == [1, 3]
    for asked in ("Léon: The Professional (1995)", "Léon: The Professional", "The Professional: Léon (1994)"):
        with pytest.raises(DataError, match="no film"):
            index.find(asked)


# ---- real films


def without_accents(title):
    return "".join(sign for sign in unicodedata.normalize("NFKD", title) if not unicodedata.combining(sign))


def as_written(catalog, item):
    """Title as the data has it, articles at the end."""
    return catalog.titles[item] + (f" ({catalog.year[item]})" if catalog.year[item] else "")


def assert_all_found(index):
    catalog = index.catalog
    for item in range(catalog.n_items):
        title, expected = catalog.display_title(item), index.find(int(catalog.item_ids[item]))
        ways = (title, without_accents(title), as_written(catalog, item), as_written(catalog, item).upper())
        assert [index.find(way) for way in ways] == [expected] * 4, title


def of_ratings(data):
    return TitleIndex(data.catalog, np.bincount(data.ratings.item_idx, minlength=data.catalog.n_items))


def test_every_title_of_ml_latest_small_is_found(latest_small):
    index = of_ratings(load_dataset(latest_small))
    assert_all_found(index)
    shown = index.catalog.display_title
    assert shown(index.find("Se7en")) == "Seven (a.k.a. Se7en) (1995)"
    assert shown(index.find("empire strikes back")) == "Star Wars: Episode V - The Empire Strikes Back (1980)"
    assert shown(index.search("godfahter")[0]) == "The Godfather (1972)"
    assert shown(index.search("lord of teh rings")[0]) == "The Lord of the Rings: The Fellowship of the Ring (2001)"
    with pytest.raises(DataError, match=r"7 films may be meant by 'Star Wars': .*\(2005\)' and 1 more; add the year"):
        index.find("Star Wars")


@pytest.mark.data
def test_every_title_of_movielens_100k_is_found(ml_100k):
    index = of_ratings(ml_100k)
    assert_all_found(index)
    assert len(index.item_of) == index.offered.sum() == 1682 - 18 - 1
    assert index.find("unknown") == 266


@pytest.mark.data
def test_the_18_titles_under_two_ids_mean_the_most_rated_id(ml_100k):
    index, catalog = of_ratings(ml_100k), ml_100k.catalog
    n_ratings = np.bincount(ml_100k.ratings.item_idx)
    twins = np.flatnonzero(catalog.first_with_same_title != np.arange(1682))
    assert len(twins) == 18
    for twin in twins:
        pair = [int(catalog.first_with_same_title[twin]), int(twin)]
        best = max(pair, key=lambda item: n_ratings[item])
        name = catalog.display_title(twin)
        assert {index.find(name), *(index.find(int(catalog.item_ids[item])) for item in pair)} == {best}
        assert index.offered[pair].tolist() == [item == best for item in pair]
        assert best in index.search(name)
        assert index.item_of[name] == best
