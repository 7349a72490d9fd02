"""What films are called, and what is rated in other data sets: the store keeps it in both databases."""

import pytest

from recsys.store import FilmName, FilmRow, StoreError
from recsys.store.films import AT_ONCE, LONGEST_TITLE
from recsys.store.people import Recommendations
from tests.support.store_places import FIXTURES

postgresql, place, opened, clock, store, ann, ben = FIXTURES

FARGO = FilmName("Fargo", 1996, "tt0116282", 275, 5.0)
SEVEN = FilmName("Seven (Se7en)", 1995, None, None, 5.0)
UNDATED = FilmName("Undated", None, None, None, 10.0)


@pytest.fixture(autouse=True)
def nothing_noted(store):
    from recsys.store.database.schema import films

    with store._database.writing() as connection:
        connection.execute(films.delete())


def test_names_are_kept_by_data_set_and_number(store):
    assert store.films.note("a", {1: FARGO, 2: UNDATED}) == 2
    assert store.films.note("b", {1: SEVEN}) == 1
    assert store.films.of("a") == {1: FARGO, 2: UNDATED}
    assert store.films.of("b") == {1: SEVEN}
    assert store.films.of("c") == store.films.some_of("a", []) == {}
    assert store.films.some_of("a", [2, 3]) == {2: UNDATED}


def test_what_is_noted_again_counts_only_where_it_is_new(store):
    store.films.note("a", {1: FARGO._replace(tmdb=None), 2: UNDATED})
    assert store.films.note("a", {1: FARGO, 2: UNDATED}) == 1
    assert store.films.of("a") == {1: FARGO, 2: UNDATED}
    assert store.films.note("a", {1: FARGO}) == 0
    assert store.films.of("a") == {1: FARGO, 2: UNDATED}


def test_more_films_than_fit_into_a_transaction_are_kept_all(store):
    many = {number: FARGO._replace(tmdb=number) for number in range(2 * AT_ONCE + 1)}
    assert store.films.note("a", many) == len(many)
    assert store.films.of("a") == many


@pytest.mark.parametrize(
    ("title", "kept"),
    [("nul\0", "nul"), ("half \ud800", "half ?"), ("<b>é💀'\"", "<b>é💀'\""), ("x" * 9999, "x" * LONGEST_TITLE)],
)
def test_odd_titles_are_kept_as_far_as_a_database_can(store, title, kept):
    store.films.note("a", {1: FARGO._replace(title=title)})
    assert store.films.of("a")[1].title == kept
    assert store.films.note("a", {1: FARGO._replace(title=title)}) == 0


def test_a_film_needs_a_number_and_a_data_set(store):
    with pytest.raises(StoreError, match="item_id: got '1'; expected a whole number"):
        store.films.note("a", {"1": FARGO})
    with pytest.raises(StoreError, match="dataset: got ''; expected one line"):
        store.films.note("", {1: FARGO})


# ---- what is taken away


def test_an_export_names_the_films_as_far_as_it_can(store, ann):
    store.films.note("a", {1: FARGO, 2: UNDATED})
    for item_id in (1, 2, 3):
        store.ratings.set_rating(ann, "a", item_id, 4.0)
        store.ratings.set_mark(ann, "a", item_id, "later")
    shown = {"dataset": "a", "model": "ease", "version": "1", "kind": "for you", "request": {}}
    store.history.record_list(ann, Recommendations(**shown, films=[(2, None), (1, 3.5), (3, 1.0)]))
    said = store.exports.everything(ann)
    named = {1: {"title": "Fargo", "year": 1996, "imdb": "tt0116282", "tmdb": 275}, 2: {"title": "Undated"}, 3: {}}
    rows = [*said["ratings"], *said["marks"], *said["changes"], *said["lists"][0]["films"]]
    assert len(rows) == 3 + 3 + 6 + 3
    for row in rows:
        assert {name: row[name] for name in ("title", "year", "imdb", "tmdb") if name in row} == named[row["item_id"]]
    assert [film["expected"] for film in said["lists"][0]["films"]] == [None, 3.5, 1.0]


def test_rows_of_a_table_say_what_the_film_is_called(store, clock, ann):
    store.films.note("a", {1: FARGO})
    store.ratings.set_rating(ann, "a", 1, 4.0)
    store.ratings.set_rating(ann, "b", 1, 3.0)
    moment = clock().isoformat()
    assert store.exports.film_rows(ann) == [
        FilmRow("a", 1, 4.0, moment, "", "", FARGO),
        FilmRow("b", 1, 3.0, moment, "", "", None),
    ]


# ---- ratings in other data sets


def test_ratings_elsewhere_are_told_with_names_the_oldest_first(store, clock, ann, ben):
    store.films.note("a", {1: FARGO, 2: UNDATED})
    store.ratings.set_rating(ann, "a", 2, 9.0)
    first = clock()
    clock.advance(days=1)
    store.ratings.set_rating(ann, "a", 1, 4.0)
    store.ratings.set_rating(ann, "a", 3, 4.0)  # which nobody knows
    store.ratings.set_rating(ben, "a", 1, 1.0)
    store.ratings.set_rating(ann, "here", 1, 2.0)
    assert store.other_sets.rated(ann, "here") == {"a": 3}
    assert store.other_sets.rated(ann, "a") == {"here": 1}
    assert store.other_sets.rated(ben, "a") == {}
    assert store.other_sets.films(ann, "a") == [(UNDATED, 9.0, first), (FARGO, 4.0, clock())]
    assert store.other_sets.films(ann, "here") == []


def test_what_is_declined_is_offered_no_more_to_that_person_for_that_data_set(store, ann, ben):
    for person in (ann, ben):
        store.ratings.set_rating(person, "a", 1, 4.0)
        store.ratings.set_rating(person, "b", 1, 4.0)
    for _ in range(2):
        store.other_sets.decline(ann, "here", "a")
    assert store.other_sets.rated(ann, "here") == {"b": 1}
    assert store.other_sets.rated(ann, "there") == {"a": 1, "b": 1}
    assert store.other_sets.rated(ben, "here") == {"a": 1, "b": 1}
    (declined,) = store.exports.everything(ann)["declined"]
    assert (declined["dataset"], declined["other"]) == ("here", "a")


def test_a_deleted_account_leaves_no_declined_offer(store, ann):
    from recsys.store.database.schema import declined
    from tests.support.store_places import PASSWORD

    store.other_sets.decline(ann, "here", "a")
    store.accounts.delete_account(ann, PASSWORD)
    with store._database.reading() as connection:
        assert connection.execute(declined.select()).all() == []
