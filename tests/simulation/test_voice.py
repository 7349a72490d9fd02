"""What people say of a visit."""

from dataclasses import replace

import numpy as np
import pytest

from recsys.simulation.habits import Habits
from recsys.simulation.people import people_of
from recsys.simulation.session import Visits
from recsys.simulation.voice import Interview, TemplateVoice, interview_of

HAPPY = Interview(
    activity=2,
    diversity=0,
    conformity=1,
    n_shown=8,
    n_pages=2,
    left=True,
    best="Alien",
    worst="Jaws",
    joy=0.5,
    n_watched=3,
)


def test_the_template_says_who_what_and_why():
    assert TemplateVoice().say(HAPPY) == (
        "I watch films all the time, in few genres; I mostly see films as others do. "
        "I was shown 8 films on 2 pages and watched 3: best was Alien, least Jaws. I left since I had enough."
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"best": None, "n_watched": 0, "joy": 0.0}, "watched none. I left since there was little for me."),
        ({"n_watched": 1}, "and watched Alien."),
        ({"n_pages": 1, "n_shown": 1}, "shown 1 film on 1 page "),
        ({"left": False}, "I looked at all there was."),
    ],
)
def test_every_visit_finds_words(changes, words):
    assert words in TemplateVoice().say(replace(HAPPY, **changes))


def test_an_interview_is_about_ones_own_visit(crowd):
    people = people_of(crowd, Habits(), np.random.default_rng(0))
    shown = np.array([[0, 1, 2, -1], [3, 4, 5, 6]])
    watched = np.array([[False] * 4, [True, False, True, True]])
    visits = Visits(shown, watched, np.array([[0.0] * 4, [-1, 0, 1, 0.5]]), np.array([1, 2]), 2)
    titles = tuple("ABCDEFG")
    one, other = (interview_of(people, visits, row, titles) for row in (0, 1))
    assert (one.best, one.n_watched, one.n_shown, one.left) == (None, 0, 3, True)
    assert (other.best, other.worst, other.n_watched, other.left) == ("F", "D", 3, False)
    assert other.joy == pytest.approx(0.5 / 3)
    assert other.activity == people.traits.activity[1]
