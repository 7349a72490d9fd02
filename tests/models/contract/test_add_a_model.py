"""The example of docs/how-to/add-a-model.md is a model."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.limits import Bounded
from recsys.models.base import RatingModel
from recsys.models.learned import LearningModel, learned
from recsys.models.recipe import Recipe
from recsys.models.search_space import Float
from recsys.settings import require
from recsys.training import Training
from tests.support.small_models import ratings

PAGE = (Path(__file__).parents[3] / "docs/how-to/add-a-model.md").read_text(encoding="utf-8")
KNOWN = (
    dataclass,
    Histories,
    Interactions,
    RatingScale,
    Bounded,
    LearningModel,
    Training,
    learned,
    Recipe,
    Float,
    require,
)


@pytest.fixture(scope="module")
def example() -> dict:
    """What the page's pieces of code define, put together."""
    names = {"np": np, "WHOLE_STARS": WHOLE_STARS, "RECIPES": {}, "__name__": "example"}
    names |= {each.__name__: each for each in KNOWN}
    for piece in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(piece, names)
    return names


def test_it_fits_answers_and_comes_back_from_its_arrays(example):
    model = example["MostWatched"]().fit(Interactions(ratings(1)))
    assert isinstance(model, RatingModel)
    again = example["MostWatched"]().restore(model.arrays())
    for answer in ("score", "predict"):
        found = getattr(model, answer)(Histories(ratings(2)))
        assert (found.shape, found.dtype) == (ratings(2).shape, np.float32)
        np.testing.assert_array_equal(getattr(again, answer)(Histories(ratings(2))), found)


def test_its_name_has_settings_inside_the_limits_of_its_search(example):
    recipe = example["RECIPES"]["most-watched"]
    assert all(0 <= space.place(getattr(recipe.config, name)) <= 1 for name, space in recipe.space.items())
    with pytest.raises(ValueError, match="prior > 0"):
        example["MostWatchedConfig"](prior=0.0)
