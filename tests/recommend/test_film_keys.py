"""What members say of films belongs to these films: in a folder that grows, and not in another of the same name."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.artifacts.artifact import Artifact, Items
from recsys.data.interactions import Interactions
from recsys.data.movielens import load_dataset
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.data.sources.identity import FIRST_FILMS
from recsys.data.sources.names import NAMES
from recsys.films.catalog import Catalog, Film
from recsys.models import create
from recsys.rating_files import ratings_csv, read_rating_file
from recsys.recommend.answers import recommend
from recsys.recommend.film_keys import KEY_BITS, key_of_title, keys_of, label_by_title
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.film_names import title_of
from recsys.serve.accounts.shelf import MemberShelf
from recsys.store import Store, open_store
from tests.support.pages.page_server import write_data
from tests.support.small_models import ratings, small_config
from tests.support.store_places import CHEAP

FILMS = {10: "Alpha (1990)", 20: "Beta (1991)", 30: "Gamma (1992)", 40: "Delta (1993)"}
FIRST = {number: f"{title} (1995)" for number, title in FIRST_FILMS.items()}
NAMED = ("films", "ml-100k", "ml-1m", "", "a" * 250, "with\ttab", None, 3)


def model_of(
    films: dict[int, str], name: object = "films", scale: RatingScale = WHOLE_STARS, *, has_titles: bool = True, **facts
) -> Recommender:
    """A model of some films, by the data's numbers."""
    ids = np.array(sorted(films))
    catalog = Catalog.from_films(ids, {number: Film(films[number], ("War",)) for number in films})
    train = sp.csr_array(np.ones((6, len(ids)), dtype=np.float32))
    model = create("popularity", scale, config=small_config("popularity")).fit(Interactions(train))
    artifact = Artifact("popularity", model, Items.of(ids, train, catalog.genre_names), {"dataset": name, **facts})
    return Recommender(artifact, catalog, films_from="" if has_titles else None)


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("keys") / "people.sqlite3", config=CHEAP) as opened:
        yield opened


@pytest.fixture
def person(store, request):
    name = f"Person {key_of_title(request.node.name)}"
    return store.accounts.person_of(store.accounts.register(name, "four random words", f"address of {name}"))


# ---- the same films, and others


@pytest.mark.parametrize("name", NAMED)
def test_what_was_said_of_a_film_is_not_said_of_another_with_its_number(name, store, person):
    own = MemberShelf(model_of(FILMS, name), store, person)
    own.rate("Alpha (1990)", 5.0)
    own.mark("Beta (1991)", "later")
    others = {number: f"Another {number} (2001)" for number in FILMS}
    other = MemberShelf(model_of(others, name), store, person)
    assert (other.ratings, other.marks) == ({}, {})
    other.rate("Another 10 (2001)", 1.0)
    again = MemberShelf(model_of(FILMS, name), store, person)
    assert (again.ratings, again.marks) == ({"Alpha (1990)": 5.0}, {"Beta (1991)": "later"})


@pytest.mark.parametrize("seed", range(10))
def test_what_was_said_follows_the_film_whatever_becomes_of_its_folder(seed, store, person):
    """Films come and go, numbers move: the films that stay keep what was said of them, the others have nothing."""
    rng = np.random.default_rng(seed)
    titles = [f"Film {number} ({1950 + number})" for number in range(12)]
    before = dict(enumerate(titles))
    shelf = MemberShelf(model_of(before), store, person)
    given = {title: float(rng.integers(1, 6)) for title in rng.permutation(titles)[:6].tolist()}
    for title, stars in given.items():
        shelf.rate(title, stars)
    left = [*rng.permutation(titles)[:8].tolist(), "New (2020)", "Newer (2021)"]
    after = dict(zip(rng.permutation(50)[: len(left)].tolist(), left, strict=True))
    found = MemberShelf(model_of(after), store, person).ratings
    assert found == {title: stars for title, stars in given.items() if title in left}


def test_a_list_that_was_shown_an_undo_and_a_title_know_the_film_by_its_key(store, person):
    model = model_of(FILMS)
    shelf = MemberShelf(model, store, person)
    shelf.record("for you", model, {}, recommend(model, {}))
    shelf.rate("Beta (1991)", 2.0)
    shown = shelf.open_list(shelf.lists()[0].id)
    names = {title_of(model, shown.shown.dataset, film.item_id): film.stars for film in shown.films}
    assert names == dict.fromkeys(FILMS.values()) | {"Beta (1991)": 2.0}
    assert shelf.undo() == "Undone: Beta (1991) is as it was before."
    assert title_of(model_of({10: "Another (2001)"}), shown.shown.dataset, shown.films[0].item_id) == ""


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_what_is_taken_away_comes_back_to_its_films_and_to_no_others(kind, store, person):
    model, others = model_of(FILMS), model_of({number: f"Another {number} (2001)" for number in FILMS})
    MemberShelf(model, store, person).take({"Alpha (1990)": 4.0, "Delta (1993)": 1.0}, {"Beta (1991)": "hidden"})
    rows = store.exports.film_rows(person)
    text = (
        ratings_csv(rows, lambda *film: title_of(model, *film))
        if kind == "csv"
        else json.dumps(store.exports.everything(person))
    )
    file = read_rating_file(text.encode(), model, keys_of(model).label)
    assert (file.stars, file.marks) == ({10: 4.0, 40: 1.0}, {20: "hidden"})
    stored = keys_of(model).stored
    assert store.ratings.set_many(person, keys_of(model).label, stored(file.stars), stored(file.marks)) == (0, 0)
    assert read_rating_file(text.encode(), others, keys_of(others).label).stars == {}


def test_stars_that_are_no_longer_on_the_scale_are_left_out(store, person):
    halves = MemberShelf(model_of(FILMS, scale=HALF_STARS), store, person)
    halves.rate("Alpha (1990)", 3.5)
    halves.rate("Beta (1991)", 3.0)
    whole = MemberShelf(model_of(FILMS), store, person)
    assert whole.ratings == {"Beta (1991)": 3.0}
    assert MemberShelf(model_of(FILMS, scale=HALF_STARS), store, person).ratings == halves.ratings


# ---- published films


@pytest.mark.parametrize("name", [name for name in NAMES if name != "ml-100k"])
def test_a_published_set_keeps_its_name_and_numbers(name, store, person):
    model = model_of(FIRST, name)
    assert keys_of(model).label == name
    store.ratings.set_rating(person, name, 6, 4.0)  # as it was kept before there were keys
    assert MemberShelf(model, store, person).ratings == {"Heat (1995)": 4.0}
    own = model_of({number: f"Another {number}" for number in FIRST}, name)
    assert MemberShelf(own, store, person).ratings == {}


def test_movielens_is_known_by_its_ratings_even_where_its_titles_are_not_there(ml_100k):
    digest = ml_100k.sha256
    for has_titles in (True, False):
        model = model_of(FILMS, "ml-100k", has_titles=has_titles, dataset_sha256=digest)
        assert (keys_of(model).label, keys_of(model).key_of(10)) == ("ml-100k", 10)
    assert keys_of(model_of(FILMS, "ml-100k", dataset_sha256="0" * 64)).label == "ml-100k, by title"


# ---- films without titles


def test_films_without_titles_are_those_of_their_data_alone(store, person):
    nameless = {number: f"film {number}" for number in FILMS}
    one, two = (model_of(nameless, has_titles=False, films_sha256=digest * 32) for digest in ("0a", "0b"))
    MemberShelf(one, store, person).rate("film 10", 5.0)
    assert MemberShelf(two, store, person).ratings == {}
    assert MemberShelf(model_of(nameless), store, person).ratings == {}
    assert MemberShelf(one, store, person).ratings == {"film 10": 5.0}


# ---- keys


def test_keys_are_large_numbers_that_json_holds_and_differ(tmp_path: Path):
    keys = {key_of_title(f"Film {number} ({year})") for number in range(2000) for year in range(1990, 2000)}
    assert len(keys) == 20_000
    assert all(2 ** (KEY_BITS - 1) <= key < 2**53 for key in keys)
    assert not {label_by_title(name) for name in NAMES} & set(NAMES)


def test_a_model_that_was_trained_here_has_the_keys_of_one_that_was_loaded(tmp_path):
    folder = write_data(tmp_path / "films", ratings(0, (30, 26), 0.97), [f"F {n}" for n in range(26)], ["War"] * 26)
    dataset = load_dataset(folder, min_ratings=1)
    titles = [dataset.catalog.display_title(item) for item in range(26)]
    keys = keys_of(model_of(dict(enumerate(titles))))
    assert [keys.item_id_of(key_of_title(title)) for title in titles] == [*range(26)]
