"""Who comes back with another data set may take ratings over: those of the same films, and no others."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.errors import DataError
from recsys.films.catalog import Catalog, Film
from recsys.models.simple.popularity import Popularity
from recsys.recommend.film_keys import keys_of
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.film_names import FilmNames
from recsys.serve.accounts.guest_shelf import GuestShelf
from recsys.serve.accounts.shelf import MemberShelf
from recsys.serve.accounts.taking_over import Offer
from recsys.store import open_store
from tests.support.small_models import artifact_of, ratings
from tests.support.store_places import CHEAP

OLD = {  # a smaller set, without ids of other sites
    1: Film("Fargo (1996)", ("Drama",)),
    2: Film("Seven (Se7en) (1995)", ("Drama",)),
    3: Film("Usual Suspects, The (1995)", ("Drama",)),
    4: Film("Only There (1990)", ("Drama",)),
    5: Film("Off by One (1994)", ("Drama",)),
    6: Film("Remade (1960)", ("Drama",)),
    7: Film("Twins (1988)", ("Drama",)),
    8: Film("Nights (1990)", ("Drama",)),
}
NEW = {  # a larger one, which numbers them anew
    100: Film("Fargo (1996)", ("Drama",), imdb="tt0116282", tmdb=275),
    101: Film("Seven (a.k.a. Se7en) (1995)", ("Drama",), tmdb=807),
    102: Film("Usual Suspects, The (1995)", ("Drama",), tmdb=629),
    103: Film("Off by One (1995)", ("Drama",), tmdb=1),
    104: Film("Remade (1999)", ("Drama",), tmdb=2),
    105: Film("Twins (1987)", ("Drama",), tmdb=3),
    106: Film("Twins (1989)", ("Drama",), tmdb=4),
    107: Film("Nights, The (1991)", ("Drama",), tmdb=5),
    108: Film("Only Here (2014)", ("Drama",), tmdb=6),
    109: Film("Dated Otherwise (2001)", ("Drama",), tmdb=7),
}
SAME = {1: 100, 2: 101, 3: 102, 5: 103}  # 7 may be two films, 8 is called otherwise
MOMENT = datetime(2020, 1, 1, tzinfo=UTC)


def model_of(films, dataset, scale):
    stars = ratings(shape=(30, len(films)))
    catalog = Catalog.from_films(np.array([*films]), films)
    artifact = artifact_of("popularity", Popularity(scale=scale), stars, dataset=dataset)
    return Recommender(artifact, catalog)


OLD_MODEL = model_of(OLD, "old", WHOLE_STARS)
NEW_MODEL = model_of(NEW, "new", HALF_STARS)
OLD_LABEL, NEW_LABEL = keys_of(OLD_MODEL).label, keys_of(NEW_MODEL).label


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with open_store(tmp_path_factory.mktemp("taken") / "people.sqlite3", config=CHEAP) as opened:
        for model in (OLD_MODEL, NEW_MODEL):
            FilmNames().note(model, opened)
        yield opened


@pytest.fixture(scope="module")
def names():
    return iter(f"Person {number}" for number in range(10**6))


@pytest.fixture
def person(store, names):
    name = next(names)
    return store.accounts.person_of(store.accounts.register(name, "four random words", name))


def rate(store, person, model, stars):
    """Rate films of a model by the data's ids, a day apart."""
    keys = keys_of(model)
    when = {keys.key_of(item): MOMENT + timedelta(days=day) for day, item in enumerate(stars)}
    store.ratings.set_ratings(person, keys.label, keys.stored(stars), when=when)


def rated(store, person, model):
    """What is rated, by the data's ids."""
    keys = keys_of(model)
    return {keys.item_id_of(key): one.stars for key, one in store.ratings.of(person, keys.label).items()}


def test_ratings_of_the_same_films_come_over_with_their_days_and_one_undo_takes_all_back(store, person):
    rate(store, person, OLD_MODEL, {item: 1.0 + item % 5 for item in OLD})
    shelf = MemberShelf(NEW_MODEL, store, person)
    assert shelf.offer() == Offer(OLD_LABEL, len(OLD), len(SAME), len(SAME))
    assert shelf.take_over(OLD_LABEL) == len(SAME)
    assert rated(store, person, NEW_MODEL) == {new: 1.0 + old % 5 for old, new in SAME.items()}
    kept = store.ratings.of(person, NEW_LABEL)
    assert kept[keys_of(NEW_MODEL).key_of(102)].at == MOMENT + timedelta(days=2)
    assert len(shelf.ratings) == len(SAME)
    assert shelf.offer() is None
    assert shelf.undo() == f"Undone: {len(SAME)} films are as they were."
    assert rated(store, person, NEW_MODEL) == {}
    assert rated(store, person, OLD_MODEL).keys() == OLD.keys()
    assert shelf.offer() == Offer(OLD_LABEL, len(OLD), len(SAME), len(SAME))


def test_what_is_rated_here_stays_as_it_is(store, person):
    rate(store, person, OLD_MODEL, {1: 5.0, 2: 4.0, 3: 3.0, 4: 2.0})
    rate(store, person, NEW_MODEL, {100: 0.5, 108: 2.0})
    shelf = MemberShelf(NEW_MODEL, store, person)
    assert shelf.offer() == Offer(OLD_LABEL, 4, 3, 2)
    shelf.take_over(OLD_LABEL)
    assert rated(store, person, NEW_MODEL) == {100: 0.5, 108: 2.0, 101: 4.0, 102: 3.0}
    shelf.undo()
    assert rated(store, person, NEW_MODEL) == {100: 0.5, 108: 2.0}


def test_nothing_is_offered_to_whom_rated_as_much_here_or_nothing_that_is_here(store, person):
    shelf = MemberShelf(NEW_MODEL, store, person)
    assert shelf.offer() is None
    rate(store, person, OLD_MODEL, {4: 2.0, 6: 2.0, 7: 2.0, 8: 2.0})
    assert shelf.offer() is None
    rate(store, person, OLD_MODEL, {1: 2.0})
    assert shelf.offer() == Offer(OLD_LABEL, 5, 1, 1)
    rate(store, person, NEW_MODEL, dict.fromkeys((102, 103, 104, 108, 109), 4.0))
    assert shelf.offer() is None


def test_an_offer_that_was_declined_is_made_no_more_and_cannot_be_taken(store, person):
    rate(store, person, OLD_MODEL, {1: 5.0})
    shelf = MemberShelf(NEW_MODEL, store, person)
    shelf.decline(OLD_LABEL)
    assert MemberShelf(NEW_MODEL, store, person).offer() is None
    with pytest.raises(DataError, match="no such ratings to take over: reload the page"):
        shelf.take_over(OLD_LABEL)
    assert rated(store, person, NEW_MODEL) == {}


@pytest.mark.parametrize("other", ["", "nowhere", NEW_LABEL, "<b>", "x" * 9999])
def test_what_is_not_offered_is_refused(store, person, other):
    rate(store, person, NEW_MODEL, {100: 5.0})
    shelf = MemberShelf(NEW_MODEL, store, person)
    for act in (shelf.take_over, shelf.decline):
        with pytest.raises(DataError, match="no such ratings to take over"):
            act(other)
    assert rated(store, person, NEW_MODEL) == {100: 5.0}


def test_ratings_of_others_are_offered_to_nobody(store, person, names):
    rate(store, person, OLD_MODEL, {1: 5.0})
    name = next(names)
    other = store.accounts.person_of(store.accounts.register(name, "four random words", name))
    assert MemberShelf(NEW_MODEL, store, other).offer() is None


def test_films_that_the_store_cannot_name_are_not_guessed(store, person):
    store.ratings.set_ratings(person, "forgotten", {1: 5.0, 100: 4.0})
    assert MemberShelf(NEW_MODEL, store, person).offer() is None


SCALES = [WHOLE_STARS, HALF_STARS, RatingScale(lowest=1.0, highest=10.0, step=1.0)]


@given(
    st.dictionaries(st.sampled_from([*OLD]), st.integers(0, 100), min_size=1),
    st.dictionaries(st.sampled_from([*NEW]), st.integers(0, 100)),
    st.sampled_from(SCALES),
    st.sampled_from(SCALES),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_other_film_is_ever_rated_and_stars_keep_their_share_of_the_scale(
    store, names, there, here, old_scale, new_scale
):
    name = next(names)
    person = store.accounts.person_of(store.accounts.register(name, "four random words", name))
    old, new = model_of(OLD, f"of {name}", old_scale), model_of(NEW, f"to {name}", new_scale)
    for model in (old, new):
        FilmNames().note(model, store)
    given_there = {item: float(old.scale.levels[at % len(old.scale.levels)]) for item, at in there.items()}
    given_here = {item: float(new.scale.levels[at % len(new.scale.levels)]) for item, at in here.items()}
    rate(store, person, old, given_there)
    rate(store, person, new, given_here)
    shelf = MemberShelf(new, store, person)
    offer = shelf.offer()
    expected = {SAME[item] for item in given_there if item in SAME} - given_here.keys()
    assert (offer is not None) == (bool(expected) and len(there) > len(here))
    if offer is not None:
        assert (offer.n_new, shelf.take_over(offer.other)) == (len(expected), len(expected))
        after, came_from = rated(store, person, new), {new_id: old_id for old_id, new_id in SAME.items()}
        assert after.keys() == given_here.keys() | expected
        assert {item: after[item] for item in given_here} == given_here
        for item in expected:
            share = given_there[came_from[item]] / old_scale.highest
            assert abs(after[item] / new_scale.highest - share) <= new_scale.step / new_scale.highest
            assert new_scale.holds(np.array([after[item]])).all()


# ---- guests


def test_a_guests_browser_keeps_what_another_data_set_does_not_know():
    kept = GuestShelf(OLD_MODEL, {})
    for title in ("Fargo (1996)", "Only There (1990)"):
        kept.rate(title, 4.0)
    kept.mark("Remade (1960)", "later")
    elsewhere = GuestShelf(NEW_MODEL, kept.stored())
    assert elsewhere.ratings == {"Fargo (1996)": 4.0}
    elsewhere.rate("Only Here (2014)", 3.5)
    elsewhere.rate("Fargo (1996)", None)
    assert elsewhere.undo().startswith("Undone: Fargo (1996) has 4 stars again")
    back = GuestShelf(OLD_MODEL, elsewhere.stored())
    assert back.ratings == {"Fargo (1996)": 4.0, "Only There (1990)": 4.0}
    assert back.marks == {"Remade (1960)": "later"}
