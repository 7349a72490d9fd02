"""A recipe refuses what would fail later: a path of no class, a space that fits no setting."""

import re

import pytest

from recsys.models import MODELS
from recsys.models.neighbours.config import UserKNNConfig
from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Choice, Float, Int

PATH = "recsys.models.neighbours.user_knn:UserKNN"


@pytest.mark.parametrize(
    ("path", "space", "message"),
    [
        ("recsys.models.neighbours.user_knn.UserKNN", {}, r"got the class path .*; expected module:Class, like "),
        (PATH, {"shrinkag": Float(low=1, high=9)}, "got 'shrinkag' for a setting of UserKNNConfig; expected one of"),
        (PATH, {"baseline.l3": Float(low=1, high=9)}, "got 'baseline.l3' .*, like l2_user or l2_item or"),
        (PATH, {"l2.user": Float(low=1, high=9)}, "got 'l2.user' for a setting of UserKNNConfig"),
        (PATH, {"l2": Float(low=1, high=9)}, r"got l2=0.5 by default, and Float\(low=1, high=9.*expected a default w"),
        (PATH, {"l2": Float(low=0, high=9, log=True)}, "limits above 0 where log is set"),
        (PATH, {"n_neighbours": Choice((10, 20))}, "got n_neighbours=80 by default"),
    ],
)
def test_it_says_what_came_and_what_is_expected(path, space, message):
    with pytest.raises(ValueError, match=message):
        Recipe(path, UserKNNConfig(), "for tests", space=space)


def test_limits_that_hold_the_default_will_do():
    space = {
        "n_neighbours": Int(low=80, high=90, log=True),
        "l2": Float(low=0, high=0.5),
        "shrinkage": Choice((1, 50)),
        "baseline.l2_user": Float(low=0.5, high=50),
    }
    assert Recipe(PATH, UserKNNConfig(), "for tests", space=space).space == space


def test_every_model_is_described():
    assert [name for name, recipe in MODELS.items() if recipe.about is None] == []
    sentences = [recipe.about.sentence for recipe in MODELS.values()]
    assert [each for each in sentences if not re.fullmatch(r"[A-Z].+\.", each)] == []
    years = [recipe.about.year for recipe in MODELS.values() if recipe.about.year]
    assert 1980 < min(years) <= max(years) < 2027


def test_a_year_without_a_source_is_refused():
    with pytest.raises(ValueError, match="got the year 1999 of no source; expected a source"):
        About("A sentence.", "", 1999)


def test_what_is_common_knowledge_has_no_origin():
    assert About("Answers the mean.").origin == ""
    assert About("Adds.", "after somebody").origin == "after somebody"
    assert About("Adds.", "Koren, Factorization", 2008).origin == "Koren, Factorization, 2008"
