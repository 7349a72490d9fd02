"""What films of a list must be, against naive loops over the catalogue."""

import pytest

from recsys.errors import DataError, UnknownError
from recsys.recommend import answers
from recsys.recommend.lists.filters import ANY_FILM, Filters, about_few, genres_to_pick, most_steps, rating_steps
from tests.support.pages.page_server import made, write_data
from tests.support.small_models import ratings

N_FILMS = 90
GIVEN = {"Film 3 (1903)": 5, "Film 5 (1905)": 4, "Film 10 (1910)": 2}
KINDS = ("Comedy|War", "War|IMAX", "Drama")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    titles = [f"Film {item} (19{item:02})" if item != 7 else f"Film {item}" for item in range(N_FILMS)]
    genres = [KINDS[item % 3] for item in range(N_FILMS)]
    return write_data(tmp_path_factory.mktemp("filters") / "films", ratings(3, (60, N_FILMS), 0.3), titles, genres)


@pytest.fixture(scope="module", params=["item-knn", "popularity"])
def model(request, folder):
    return made(request.param, folder)


WANTED = [
    (Filters(genres=["Comedy", "War"]), lambda film: {"Comedy", "War"} & set(film.genres)),
    (Filters(genres=["war", "COMEDY"], all_of_them=True), lambda film: {"Comedy", "War"} <= set(film.genres)),
    (Filters(decades=["1920s", "1950s"]), lambda film: film.title[-5:-2] in ("192", "195")),
    (Filters(years=(1931, 1944)), lambda film: 1931 <= int("0" + film.title[-5:-1].strip(" Film")) <= 1944),
    (Filters(least_ratings=20), lambda film: film.n_ratings >= 20),
    (Filters(most_ratings=18), lambda film: film.n_ratings <= 18),
    (Filters(least_ratings=16, most_ratings=20), lambda film: 16 <= film.n_ratings <= 20),
    (
        Filters(genres=["Comedy"], decades=["1920s"], least_ratings=18),
        lambda film: "Comedy" in film.genres and film.title[-5:-2] == "192" and film.n_ratings >= 18,
    ),
]


@pytest.mark.parametrize(("filters", "fits"), WANTED, ids=[filters.in_words for filters, _ in WANTED])
def test_a_list_has_all_films_that_fit_and_no_other(model, filters, fits):
    every = answers.recommend(model, {}, k=N_FILMS)
    found = answers.recommend(model, {}, k=N_FILMS, filters=filters)
    assert [film.title for film in found] == [film.title for film in every if fits(film)]
    assert 0 < len(found) < N_FILMS


@pytest.mark.parametrize("filters", [filters for filters, _ in WANTED], ids=lambda filters: filters.in_words)
def test_a_filtered_list_goes_on_in_the_order_of_the_unfiltered_one_and_above_the_usual(model, filters):
    ten, thirty = (answers.recommend(model, GIVEN, k=k, filters=filters) for k in (10, 30))
    assert thirty[: len(ten)] == ten
    assert not {film.title for film in thirty} & set(GIVEN)
    among = {film.title for film in answers.recommend(model, GIVEN, k=N_FILMS, filters=filters, adventure=0.6)}
    mask = filters.mask(model)
    assert all(mask[model.titles.item_of[title]] for title in among)
    newest = answers.recommend(model, GIVEN, filters=filters, order="newest")
    assert [model.catalog.year[model.titles.find(film.title)] or 0 for film in newest] == sorted(
        (model.catalog.year[model.titles.find(film.title)] or 0 for film in newest), reverse=True
    )


def test_the_rated_ones_are_listed_for_whoever_wants_them_and_their_own_stars_are_no_reason(model):
    every = answers.recommend(model, GIVEN, k=N_FILMS, filters=Filters(seen_too=True))
    reasons = {film.title: film.reason for film in every}
    assert {reasons[title] for title in GIVEN if title in reasons} == {""}
    assert set(GIVEN) & set(reasons)


def test_tables_of_the_library_take_the_same_filters(model):
    filters = Filters(decades=["1920s", "1950s"], least_ratings=18)
    table = model.recommend(GIVEN, k=10, filters=filters)
    assert table.title.tolist() == [film.title for film in answers.recommend(model, GIVEN, filters=filters)]
    of_genre = model.for_genres(["War"], k=N_FILMS, filters=filters)
    assert set(of_genre.year // 10) == {192, 195}
    assert all("War" in genres for genres in of_genre.genres)
    assert model.for_genres(["War"], years=(1930, 1939), filters=Filters(genres=["Comedy"])).equals(
        model.for_genres(["War"], years=(1930, 1939))
    )


@pytest.mark.parametrize(
    ("filters", "sentence"),
    [
        ({"genres": ["Opera"]}, "no film has the genre 'Opera'"),
        ({"genres": "Comedy"}, "got 'Comedy' for genres; expected a list"),
        ({"genres": None}, "got None for genres"),
        ({"decades": "1920s"}, r"got '1920s' for decades; expected a list such as \['1980s'"),
        ({"decades": ["1880s"]}, "got '1880s' for a period; expected one of these: 1980s, 1970s"),
        ({"decades": [["1920s"]]}, "for a period; expected one of these"),
        ({"least_ratings": -1}, "got -1 for least_ratings; expected a whole number, such as 100, or 0"),
        ({"least_ratings": 1.5}, "got 1.5 for least_ratings"),
        ({"least_ratings": True}, "got True for least_ratings"),
        ({"most_ratings": 0}, "got 0 for most_ratings; expected a whole number, such as 100, or nothing"),
        ({"most_ratings": True}, "got True for most_ratings"),
        ({"most_ratings": "5"}, "got '5' for most_ratings"),
        ({"all_of_them": "yes"}, "got 'yes' for all_of_them; expected True or False"),
        ({"years": (1950, 1940)}, "for years; expected the first and the last"),
    ],
    ids=range(14),
)
def test_what_no_film_can_be_is_refused_in_a_sentence(model, filters, sentence):
    with pytest.raises(DataError, match=sentence):
        answers.recommend(model, GIVEN, filters=Filters(**filters))


def test_an_unknown_genre_is_said_to_be_unknown(model):
    with pytest.raises(UnknownError):
        Filters(genres=["Opera"]).mask(model)


def test_filters_are_said_in_words_and_kept_as_plain_values():
    filters = Filters(genres=["Comedy", "War"], decades=["1990s"], least_ratings=1000, seen_too=True)
    assert filters.in_words == "Comedy, War · 1990s · 1,000+ ratings · seen too"
    assert Filters(genres=["Comedy", "War"], all_of_them=True).in_words == "Comedy and War"
    assert Filters(**filters.request) == filters
    few = Filters(least_ratings=5, most_ratings=1000)
    assert few.in_words == "5+ ratings · at most 1,000 ratings"
    assert Filters(**few.request) == few
    assert (ANY_FILM.in_words, ANY_FILM.request) == ("", {})


def test_of_filters_that_leave_few_the_one_is_named_without_which_most_films_fit(model):
    few = Filters(genres=["Comedy", "War"], all_of_them=True, decades=["1920s"])
    assert about_few(model, few).endswith(f"little to choose from. Without “1920s”, {N_FILMS // 3} fit.")
    none = Filters(decades=["1920s"], least_ratings=10**6)
    assert about_few(model, none) == "No film here is all of that. Without “1,000,000+ ratings”, 10 fit."
    assert about_few(model, Filters(least_ratings=10**6)) == "No film here is all of that."
    assert about_few(model, ANY_FILM) == ""


def test_people_pick_what_is_a_genre_and_numbers_that_leave_enough(model):
    assert genres_to_pick(model) == ["Comedy", "Drama", "War"]
    assert "IMAX" in model.catalog.genre_names
    assert rating_steps(model) == [step for step in (5, 20, 100) if 30 <= n_with(model, step) < N_FILMS]


def test_lesser_known_films_can_be_asked_for_where_there_are_enough_of_them(model, monkeypatch):
    monkeypatch.setattr("recsys.recommend.lists.filters.LESSER_KNOWN", (1, 18, 1000))
    assert N_FILMS - n_with(model, 19) >= 30
    assert most_steps(model) == [18]


def n_with(model, step):
    return sum(model.crowd.n_ratings(item) >= step for item in range(N_FILMS))
