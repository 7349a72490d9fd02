import numpy as np
import pytest

from recsys.films.catalog import Catalog, Film, articles_first, split_year


def catalog(*films):
    return Catalog.from_films(np.arange(len(films)), dict(enumerate(films)))


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Star Wars", "Star Wars"),
        ("Usual Suspects, The", "The Usual Suspects"),
        ("Postino, Il", "Il Postino"),
        ("Misérables, Les", "Les Misérables"),
        ("American Werewolf in London, An", "An American Werewolf in London"),
        ("Avventura, L'", "L'Avventura"),
        (
            "City of Lost Children, The (Cité des enfants perdus, La)",
            "The City of Lost Children (La Cité des enfants perdus)",
        ),
        ("Hate (Haine, La)", "Hate (La Haine)"),
        (
            "Double vie de Véronique, La (Double Life of Veronique, The)",
            "La Double vie de Véronique (The Double Life of Veronique)",
        ),
        (
            "Defender, The (a.k.a. Bodyguard from Beijing, The) (Zhong)",
            "The Defender (a.k.a. The Bodyguard from Beijing) (Zhong)",
        ),
        (
            "Legend, The (Legend of Fong Sai-Yuk, The) (Fong Sai Yuk)",
            "The Legend (The Legend of Fong Sai-Yuk) (Fong Sai Yuk)",
        ),
        ("Human Centipede II (Full Sequence), The", "The Human Centipede II (Full Sequence)"),
        ("Librarian, The: The Curse", "The Librarian: The Curse"),
        ("Valachi Papers,The", "The Valachi Papers"),
        ("Good, the Bad and the Ugly, The", "The Good, the Bad and the Ugly"),
        ("Paris, Texas", "Paris, Texas"),
        ("I, Robot", "I, Robot"),
        ("Lust, Caution (Se, jie)", "Lust, Caution (Se, jie)"),
        ("To Have, or Not (En avoir (ou pas))", "To Have, or Not (En avoir (ou pas))"),
        ("", ""),
    ],
)
def test_articles_come_first(title, shown):
    assert articles_first(title) == shown


@pytest.mark.parametrize(
    ("title", "date", "name", "year"),
    [
        ("Toy Story (1995)", "", "Toy Story", 1995),
        ("Rocky VI (1986) ", "", "Rocky VI", 1986),
        ("Land Before Time III (1995) (V)", "", "Land Before Time III", 1995),
        ("Fawlty Towers (1975-1979)", "", "Fawlty Towers", 1975),
        ("Death Note (2006–2007)", "", "Death Note", 2006),
        ("Big Bang Theory, The (2007-)", "", "Big Bang Theory, The", 2007),
        ("Cosmos (2014– )", "", "Cosmos", 2014),
        ("2001: A Space Odyssey (1968)", "01-Jan-1968", "2001: A Space Odyssey", 1968),
        ("1984", "", "1984", None),
        ("Good Morning", "4-Feb-1971", "Good Morning", 1971),
        ("Toy Story (1995)", "22-Nov-1996", "Toy Story", 1995),
        ("unknown", "", "unknown", None),
    ],
)
def test_the_year_is_taken_from_the_title_or_else_the_date(title, date, name, year):
    assert split_year(Film(title, release_date=date)) == (name, year)


def test_display_title_ends_in_the_year_where_there_is_one():
    films = catalog(Film("Usual Suspects, The (1995)"), Film("Land Before Time III (1995) (V)"), Film("unknown"))
    shown = [films.display_title(item_idx) for item_idx in range(films.n_items)]
    assert shown == ["The Usual Suspects (1995)", "Land Before Time III (1995)", "unknown"]


def test_genres_worked_by_hand():
    films = catalog(
        Film("A", ("War", "Comedy")), Film("B", ("unknown",)), Film("C", ("(no genres listed)",)), Film("D", ("War",))
    )
    assert films.genres == (("War", "Comedy"), (), (), ("War",))
    assert films.genre_names == ("Comedy", "War")
    assert films.genre_matrix.tolist() == [[True, True], [False, False], [False, False], [False, True]]
    assert films.genre_matrix.dtype == bool


def test_films_without_any_genre_still_have_a_genre_matrix():
    assert catalog(Film("A"), Film("B", ("",))).genre_matrix.shape == (2, 0)


def test_ids_with_equal_title_and_year_belong_to_one_film():
    films = catalog(Film("B (1990)"), Film("A (1990)"), Film("B (1990)"), Film("A (1991)"), Film("A (1990)"))
    assert films.first_with_same_title.tolist() == [0, 1, 0, 3, 1]
    assert films.first_with_same_title.dtype == np.int32


def test_the_catalog_follows_the_given_ids():
    films = Catalog.from_films(np.array([30, 10]), {10: Film("Ten (1990)"), 20: Film("Twenty"), 30: Film("Thirty")})
    assert films.titles == ("Thirty", "Ten")
    assert films.year == (None, 1990)
    assert films.item_ids.tolist() == [30, 10]


def test_features_are_genres_decades_and_common_years(monkeypatch):
    monkeypatch.setattr("recsys.films.catalog.YEAR_IS_COMMON", 2)
    films = {
        1: Film("A (1994)", ("Drama",)),
        2: Film("B (1994)", ("Comedy", "Drama")),
        3: Film("C (1931)", ("Comedy",)),
        4: Film("D"),
    }
    found = Catalog.from_films(np.array([1, 2, 3, 4]), films).features()  # Comedy, Drama, 1930s, 1990s, 1994
    np.testing.assert_array_equal(found, [[0, 1, 0, 1, 1], [1, 1, 0, 1, 1], [1, 0, 1, 0, 0], [0, 0, 0, 0, 0]])


def test_ids_of_other_sites_are_aligned_and_change_nothing_of_which_films_these_are():
    ids = np.array([30, 10])
    plain = {10: Film("Ten (1990)"), 30: Film("Thirty (1991)")}
    linked = Catalog.from_films(ids, {10: Film("Ten (1990)", imdb="tt0000010", tmdb=7), 30: plain[30]})
    assert (linked.imdb, linked.tmdb) == ((None, "tt0000010"), (None, 7))
    assert linked.sha256 == Catalog.from_films(ids, plain).sha256
    assert Catalog.from_films(ids, plain).imdb == (None, None)
