"""What made-up people do at a page, by what the page is asked."""

from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest

from eval.rehearsing import visits
from eval.rehearsing.judging import gain, jury_of, together
from eval.rehearsing.town import Townsperson
from eval.rehearsing.visitor import RefusedError
from eval.rehearsing.visits import Street, VisitConfig, resident
from recsys.errors import DataError

CONFIG = VisitConfig(told=3, told_again=2, looked_at=5, watched=2)


class Page:
    """What is asked in the place of a page, whose list is always the same films."""

    def __init__(self, titles):
        self.titles, self.asked = titles, []

    @asynccontextmanager
    async def browsing(self, url):
        self.asked.append(("open", url))
        yield self

    async def register(self, consent):
        self.asked.append(("register", consent))

    async def arrive(self):
        return {"for-you": self.html}

    async def say(self, act):
        self.asked.append((act.do, act.film, act.stars))
        return {"for-you": self.html}

    @property
    def html(self):
        return "".join(f'<li data-film="{title}">' for title in self.titles)


@pytest.fixture
def street(town, monkeypatch):
    async def is_ready(url):
        pass

    monkeypatch.setattr(visits, "ready", is_ready)
    return Street(town, ["http://a", "http://b"], CONFIG)


@pytest.fixture
def person(street):
    """Who knows films 0 to 9, keeps 5 to 9 back, and longs for all films up to 20."""
    n_films = street.town.dataset.catalog.n_items
    stars = (1 + np.arange(n_films) % 5).astype(np.float32)
    longing = np.where(np.arange(n_films) <= 20, 9.0, -9.0)
    made = resident(0, Townsperson(stars, longing, np.arange(5), np.arange(5, 10)), "yes", seed=0)
    made.visitor, address = Page([street.title(film) for film in (0, 5, 30, 11, 12, 13)]), made.visitor.address
    made.visitor.address = address
    return made


def rated_films(street, person):
    titles = {street.title(film): film for film in range(street.town.dataset.catalog.n_items)}
    return [titles[one[1]] for one in person.visitor.asked if one[0] == "rate"]


def test_somebody_new_registers_tells_of_films_and_rates_what_they_watched(street, person):
    visits.visit(street, [person], [])
    assert person.visitor.asked[:2] == [("open", "http://b"), ("register", "yes")]
    assert rated_films(street, person) == [0, 1, 2, 11, 12]  # neither what is kept back, nor what nobody longs for
    assert person.rated[11] == person.truth.stars[11]
    assert (person.shown, person.liked) == (5, 0 + sum(person.truth.stars[[5, 30, 11, 12, 13]] >= 4))


def test_who_comes_again_says_what_has_changed_and_tells_of_more(street, person):
    visits.visit(street, [person], [])
    person.visitor.asked.clear()
    stars = person.truth.stars.copy()
    stars[1] = 5.0
    person.truth = replace(person.truth, stars=stars)
    visits.visit(street, [], [person])
    assert ("register", "yes") not in person.visitor.asked
    assert rated_films(street, person) == [1, 13, 3, 4]


def test_an_attacker_rates_all_that_was_planned_and_looks_at_nothing(street, person):
    person.kind = "attacker"
    visits.visit(street, [person], [])
    assert rated_films(street, person) == [0, 1, 2, 3, 4]
    assert person.shown == 0


def test_what_the_page_refuses_is_said(street, person):
    async def refused(act):
        raise RefusedError("there is no such film")

    person.visitor.say = refused
    with pytest.raises(DataError, match="a page did not do what a visitor asked: RefusedError, there is no such film"):
        visits.visit(street, [person], [])


def test_people_are_asked_for_what_they_keep_back_by_what_they_told_first(street, person):
    jury = jury_of([person, person], CONFIG.told, street.town.dataset.interactions())
    assert jury.told.indices.tolist() == [0, 1, 2] * 2
    assert jury.kept_back.indices.tolist() == [5, 6, 7, 8, 9] * 2
    assert jury.kept_back.data.tolist() == person.truth.stars[5:10].tolist() * 2


def test_a_gain_is_paired_over_people():
    relevant = np.ones(40, dtype=int)
    worse, better = np.linspace(0, 0.5, 40), np.linspace(0, 0.5, 40) + 0.1
    before, now = ({"ndcg@10": values, "n_relevant": relevant} for values in (worse, better))
    row = gain("newcomers", before, now)
    assert (row.n_people, round(row.gain, 6), round(row.low, 6), row.verdict) == (40, 0.1, 0.1, "better")
    assert gain("newcomers", together([before, before]), together([now, now])).n_people == 80
