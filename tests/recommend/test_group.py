"""Films for several people: strategies by hand, and lists of small models against what they are to be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.errors import DataError, UnknownError
from recsys.recommend.answers import for_group
from recsys.recommend.group.listing import FAIR, HOWS, LEAST, GroupWishes, histories_of, list_for, stars_of, usual_of
from recsys.recommend.group.strategies import ENOUGH, bearable, by_least, by_mean, fair_mix, graded, placed
from recsys.recommend.group.votes import Tally, by_votes
from recsys.recommend.lists.filters import Filters
from tests.support.pages.page_server import made, write_data
from tests.support.small_models import ratings

N_FILMS = 40
TITLES = [f"Film {item} (19{50 + item})" for item in range(N_FILMS)]
ANN = {TITLES[3]: 5, TITLES[5]: 4, TITLES[8]: 1}
BEN = {TITLES[4]: 5, TITLES[9]: 2}
CLEO = {TITLES[3]: 1, TITLES[20]: 5}
draws = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    genres = ["Comedy|War" if item % 3 == 0 else "War" if item % 3 == 1 else "Comedy" for item in range(N_FILMS)]
    return write_data(tmp_path_factory.mktemp("group") / "films", ratings(3, (60, N_FILMS), 0.7), TITLES, genres)


@pytest.fixture(scope="module")
def model(folder):
    return made("item-knn", folder)


@pytest.fixture(scope="module")
def plain(folder):
    """One that predicts no stars."""
    return made("ease", folder)


# ---- strategies by hand


def test_the_mean_takes_what_is_loved_by_most_and_least_misery_what_nobody_hates():
    stars = np.array([[5.0, 4.0, 1.0, 3.0], [5.0, 4.0, 2.0, 3.0], [1.0, 3.0, 5.0, 3.5]])  # 11, 11, 8, 9.5 in all
    assert by_mean(stars).tolist() == [1, 0, 3, 2]  # the lower film of the first two suffers less
    assert by_least(stars).tolist() == [1, 3, 0, 2]  # at least 3, 3, 1, 1


def test_camps_share_a_fair_mix_as_their_numbers_are():
    two_against_one = np.array([[1.0] * 9 + [0.0] * 9] * 2 + [[0.0] * 9 + [1.0] * 9])
    films, whose = fair_mix(two_against_one, 9)
    assert (films < 9).tolist() == [True, True, False] * 3  # D'Hondt: 2, 2/2, 1, 2/3 and 2/4, 1/2 and so on
    assert whose.tolist() == [0, 0, 2] * 3
    assert (by_mean(two_against_one)[:9] < 9).all()  # by the mean the larger camp gets all


def test_a_fair_mix_worked_by_hand():
    grades = np.array([[1.0, 0.6, 0.0], [0.0, 0.5, 0.9]])
    # 1.0, 1.1, 0.9 -> film 1; then 1/1.6 = .625, -, .9/1.5 = .6 -> film 0; film 2 is left, for the second
    films, whose = fair_mix(grades, 5)
    assert (films.tolist(), whose.tolist()) == ([1, 0, 2], [0, 0, 1])


@given(rng=draws, n_people=st.integers(2, 8), k=st.integers(1, 30))
def test_a_longer_mix_goes_on_where_a_shorter_one_ends_and_holds_each_film_once(rng, n_people, k):
    grades = rng.random((n_people, 25))
    films, _ = fair_mix(grades, k)
    assert len({*films.tolist()}) == len(films) == min(k, 25)
    assert films[: k // 2].tolist() == fair_mix(grades, k // 2)[0].tolist()


@given(rng=draws)
def test_strategies_do_not_ask_who_comes_first(rng):
    liking, turn = rng.random((5, 30)), rng.permutation(5)
    for strategy in (by_mean, by_least, lambda grades: fair_mix(grades, 30)[0]):
        assert strategy(liking).tolist() == strategy(liking[turn]).tolist()


def test_whoever_gives_more_stars_counts_no_more_in_a_mix():
    stars = np.array([[4.6, 5.0, 4.8], [1.0, 3.0, 2.0]])
    np.testing.assert_allclose(graded(stars), [[0, 1, 0.5], [0, 1, 0.5]])
    assert graded(np.zeros((2, 0))).shape == (2, 0)


def test_places_are_shares_and_equal_scores_are_in_the_middle():
    np.testing.assert_allclose(placed(np.array([[3.0, 1.0, 2.0], [5.0, 5.0, 5.0]])), [[1, 0, 0.5], [0.5, 0.5, 0.5]])
    assert placed(np.array([[3.0]])).tolist() == [[0.0]]


def test_what_somebody_would_have_to_bear_with_is_left_out_as_far_as_there_is_enough():
    stars = np.array([[4.0] * ENOUGH + [2.0, 3.9], [3.0] * ENOUGH + [5.0, 5.0]])
    assert bearable(stars, np.array([4.0, 3.0])).tolist() == [True] * ENOUGH + [False, False]
    few = bearable(stars, np.array([4.1, 3.0]))  # nobody gets their usual: by .1, by 2.1 and by .2 less
    assert few.tolist() == [True] * ENOUGH + [False, False]
    assert bearable(stars[:, 1:], np.array([4.0, 3.0])).tolist() == [True] * (ENOUGH - 1) + [False, True]
    assert bearable(np.zeros((2, 0)), np.ones(2)).tolist() == []


# ---- lists of a model


def reference(model, people, how, k):
    """Titles by mean or least misery, film by film."""
    tables = [model.recommend(person, 200, exclude=[film for one in people for film in one]) for person in people]
    titles = {*(title for table in tables for title in table["title"])}
    usual = usual_of(model, histories_of(model, people))
    rows = []
    for title in titles:
        stars = [
            float(model.checked.expected_stars(model.history(person), np.array([model.titles.find(title)]))[0])
            for person in people
        ]
        short = max(max(0.0, most - one) for most, one in zip(usual, stars, strict=True))
        known = bool(model.crowd.of_standing[model.titles.find(title)])
        rows.append((title, sum(stars) / len(stars), min(stars), short, known))
    if how == LEAST:
        bar = sorted(row[3] for row in rows)[:ENOUGH][-1]
        rows = [row for row in rows if row[3] <= bar]
        return [row[0] for row in sorted(rows, key=lambda row: (not row[4], -row[2], -row[1]))][:k]
    return [row[0] for row in sorted(rows, key=lambda row: (not row[4], -row[1], -row[2]))][:k]


@pytest.mark.parametrize("how", ["mean", LEAST])
def test_a_list_is_that_of_a_naive_loop(model, how):
    table = model.for_group([ANN, BEN, CLEO], 8, how=how)
    assert table["title"].tolist() == reference(model, [ANN, BEN, CLEO], how, 8)
    assert table["stars"].tolist() == pytest.approx(table[["stars_1", "stars_2", "stars_3"]].mean(axis=1), abs=0.01)
    by = table["stars"] if how == "mean" else table[["stars_1", "stars_2", "stars_3"]].min(axis=1)
    assert by.is_monotonic_decreasing


@pytest.mark.parametrize("how", HOWS)
def test_each_ones_stars_are_those_that_the_model_predicts(model, how):
    table = model.for_group([ANN, BEN], how=how)
    for column, person in (("stars_1", ANN), ("stars_2", BEN)):
        assert table[column].tolist() == model.predict(person, table["title"].tolist())["stars"].tolist()
    assert not {*ANN, *BEN} & {*table["title"]}


@pytest.mark.parametrize("how", HOWS)
def test_a_longer_list_goes_on_where_a_shorter_one_ends(model, how):
    five, ten = (model.for_group([ANN, BEN], k, how=how)["title"].tolist() for k in (5, 10))
    assert ten[:5] == five


def list_of(model, how, k):
    return list_for(model, histories_of(model, [ANN, BEN]), GroupWishes(k=k, how=how)).items.tolist()


@pytest.mark.parametrize("how", HOWS)
def test_films_that_hardly_anybody_rated_come_after_all_others(folder, how):
    model = made("item-knn", folder)
    known = np.arange(N_FILMS) % 4 > 0
    model.crowd.of_standing = known  # instead of counting
    stands = [bool(known[item]) for item in list_of(model, how, N_FILMS)]
    assert stands == sorted(stands, reverse=True)
    assert {*stands} == {True, False}
    assert list_of(model, how, 8) == list_of(model, how, N_FILMS)[:8]


def test_a_reason_is_a_rating_of_whoever_gets_most_of_a_film(model):
    table = model.for_group([ANN, BEN], 10, how=FAIR)
    said = {reason for reason in table["reason"] if reason}
    assert any(reason.startswith("person ") for reason in said)
    for reason in said - {"many people like it"}:
        number, film = int(reason.split()[1]), reason.split(" gave ")[1].rsplit(" ", 2)[0]
        assert film in (ANN, BEN)[number - 1]
    assert not any(film.reason for film in for_group(model, [ANN, BEN], GroupWishes(), with_reasons=False))


def test_films_that_somebody_has_seen_are_listed_if_that_is_wanted_with_the_stars_that_were_given(model):
    ben, listed = {TITLES[6]: 1, TITLES[9]: 4}, []
    for film in TITLES[10:]:
        people = [{film: 5, TITLES[6]: 5}, ben]
        table = model.for_group(people, N_FILMS, seen_too=True).set_index("title")
        listed += [*table.loc[table.index == film, "stars_1"]]
        assert TITLES[6] not in table.index  # both have seen it
        assert film not in {*model.for_group(people, N_FILMS)["title"]}
    assert {*listed} == {5.0}
    histories = histories_of(model, people)
    assert stars_of([model.foreseen(each) for each in histories], np.array([6])).tolist() == [[5.0], [1.0]]


def test_genres_years_and_films_to_leave_out(model):
    table = model.for_group([ANN, BEN], N_FILMS, genres=["war"], years=(1960, 1970), exclude=[TITLES[12]])
    assert len(table)
    assert all("War" in genres for genres in table["genres"])
    assert table["year"].between(1960, 1970).all()
    assert TITLES[12] not in {*table["title"]}
    assert model.for_group([ANN, BEN], years=(1800, 1801)).empty


def test_a_model_without_stars_ranks_by_places_and_says_no_stars(plain):
    for how in HOWS:
        table = plain.for_group([ANN, BEN], how=how)
        assert len(table) == 10
        assert table[["stars", "stars_1", "stars_2"]].isna().all(axis=None)
    alone = plain.recommend(ANN, 3, exclude=[*BEN])["title"].tolist()
    assert plain.for_group([ANN, ANN], 3, exclude=[*BEN])["title"].tolist() == alone  # two of one taste
    films = for_group(plain, [ANN, BEN], GroupWishes(how=FAIR))
    assert {(film.each_ones_stars, film.predicted_stars) for film in films} == {((), None)}
    assert {film.chosen_for for film in films} == {1, 2}


REFUSED = [
    ([ANN], {}, "got 1 for people; expected a list of 2 to 8 people's ratings"),
    ([ANN] * 9, {}, "got 9 for people"),
    (ANN, {}, "for people; expected a list"),
    ("Ann", {}, "got 'Ann' for people"),
    ([ANN, {}], {}, "person 2 has rated nothing; expected at least 1 rating of each"),
    ([ANN, None], {}, "person 2: got None for ratings; expected a dict"),
    ([{TITLES[3]: 9}, BEN], {}, "person 1: .* got 9 stars; expected 1 to 5"),
    ([ANN, BEN], {"how": "loudest"}, "got 'loudest' for how; expected one of these: mean, least misery, fair"),
    ([ANN, BEN], {"how": ["mean"]}, r"got \['mean'\] for how"),
    ([ANN, BEN], {"k": 0}, "got 0 for k"),
    ([ANN, BEN], {"genres": "War"}, "got 'War' for genres"),
    ([ANN, BEN], {"years": (1990, 1980)}, "for years"),
]


@pytest.mark.parametrize(("people", "options", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_what_makes_no_group_is_refused_in_a_sentence(model, people, options, sentence):
    with pytest.raises(DataError, match=sentence):
        model.for_group(people, **options)


def test_who_has_rated_an_unknown_film_is_named(model):
    with pytest.raises(UnknownError, match="person 2: no film is called 'Fagro'"):
        model.for_group([ANN, {"Fagro": 5}])


def test_a_group_takes_the_filters_of_other_lists(model):
    filters = Filters(genres=["Comedy", "War"], all_of_them=True, decades=["1960s", "1970s"])
    fits = filters.mask(model)
    for how in HOWS:
        found = for_group(model, [ANN, BEN], GroupWishes(k=N_FILMS, how=how, filters=filters))
        assert found
        assert all(fits[model.titles.item_of[film.title]] for film in found)
    with pytest.raises(UnknownError, match="no film has the genre 'Opera'"):
        for_group(model, [ANN, BEN], GroupWishes(filters=Filters(genres=["Opera"])))


def test_votes_put_films_first_and_keep_them_listed():
    tallies = {"F": Tally(yes=1, no=2), "E": Tally(yes=1), "A": Tally(no=1), "G": Tally(yes=2), "gone": Tally(yes=9)}
    assert [Tally.of({1: True, 2: False, 4: True}), Tally.of({})] == [Tally(yes=2, no=1), Tally()]
    titles = ["A", "B", "C", "D", "E", "F", "G"]
    assert [titles[place] for place in by_votes(titles, tallies, 3)] == ["G", "E", "F", "B", "C", "A"]
    assert by_votes(titles, {}, 3) == [0, 1, 2]
    assert [Tally(yes=2, no=1).in_words, Tally(no=1).in_words, Tally().in_words] == [
        "2 would watch it, 1 rather not",
        "1 rather not",
        "",
    ]
