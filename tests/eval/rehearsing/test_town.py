"""Made-up people: their tastes are their own, and the truth about them is known."""

import numpy as np
import pytest

from eval.rehearsing.town import TownConfig, town_of
from tests.eval.rehearsing.conftest import CONFIG


def people(town, n=200, **how):
    rng = np.random.default_rng(1)
    return [town.person(rng, **how) for _ in range(n)]


def test_the_same_seed_gives_the_same_town_and_people(dataset, town):
    again = town_of(dataset, CONFIG, np.random.default_rng(0))
    assert (again.loved, again.pushed) == (town.loved, town.pushed)
    for one, other in zip(people(town, 3), people(again, 3), strict=True):
        assert one.stars.tobytes() == other.stars.tobytes()
        assert one.to_tell.tolist() == other.to_tell.tolist()


def test_stars_are_on_the_scale_and_what_is_kept_back_is_never_told(town):
    for person in people(town):
        assert town.dataset.ratings.scale.holds(person.stars).all()
        assert len(person.kept_back) == CONFIG.kept_back
        assert len(person.to_tell) == CONFIG.known - CONFIG.kept_back
        assert not {*person.to_tell} & {*person.kept_back}
        assert not {town.loved, town.pushed} & {*person.to_tell, *person.kept_back}


def test_people_differ_and_like_what_fits_them(town):
    stars = np.array([person.stars for person in people(town)])
    assert 0.3 < np.mean(stars >= town.dataset.ratings.scale.liked_from) < 0.7
    assert stars.std(axis=0).mean() > 0.5
    known = [person.stars[person.to_tell].mean() for person in people(town)]
    assert np.mean(known) > stars.mean() + 0.1  # they come to know what fits them


def test_films_are_as_good_and_well_known_as_before_in_part(dataset, town):
    counts = np.bincount(dataset.ratings.item_idx, minlength=dataset.catalog.n_items)
    told = np.bincount(np.concatenate([person.to_tell for person in people(town)]), minlength=len(counts))
    assert 0.2 < np.corrcoef(np.log1p(counts), np.log1p(told))[0, 1] < 0.95


def test_once_the_loved_film_is_there_half_of_all_tell_of_it_first_and_love_it(town):
    knows = people(town, knows_loved=True)
    first = [person for person in knows if person.to_tell[0] == town.loved]
    assert 0.35 < len(first) / len(knows) < 0.65
    assert all(person.stars[town.loved] == town.dataset.ratings.scale.highest for person in knows)


def test_who_turns_knows_the_same_films_and_thinks_otherwise(town):
    before = people(town, 20)
    after = town.turned(before, np.random.default_rng(2))
    for one, other in zip(before, after, strict=True):
        assert one.to_tell.tolist() == other.to_tell.tolist()
        assert np.mean(one.stars != other.stars) > 0.3


def test_people_who_know_fewer_films_than_they_keep_back_are_refused():
    with pytest.raises(ValueError, match="more films known than kept back"):
        TownConfig(known=10, kept_back=10)
