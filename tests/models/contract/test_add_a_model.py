"""The example of docs/how-to/add-a-model.md is a model: it keeps the contract under the name that the page gives it."""

import re
import sys
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models import MODELS, create
from recsys.models.base import RatingModel
from recsys.models.simple import config
from tests.models.contract import test_contract as contract
from tests.support.small_models import ratings

PAGE = (Path(__file__).parents[3] / "docs/how-to/add-a-model.md").read_text(encoding="utf-8")
NAME, PLACE = "most-watched", "recsys.models.simple.most_watched"
PROMISES = {
    name: test for name, test in vars(contract).items() if contract.every_model.mark in getattr(test, "pytestmark", ())
}


@pytest.fixture(scope="module", autouse=True)
def example() -> Iterator[dict]:
    """What the page's pieces of code define, each in its place."""
    names = {"RECIPES": {}, "__name__": PLACE}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, PLACE, ModuleType(PLACE))
        for piece in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
            exec(piece, names)
            patch.setattr(config, "MostWatchedConfig", names["MostWatchedConfig"], raising=False)
        vars(sys.modules[PLACE])["MostWatched"] = names["MostWatched"]
        patch.setitem(MODELS, NAME, names["RECIPES"][NAME])
        yield names


def test_it_fits_answers_and_comes_back_from_its_arrays():
    model = create(NAME, WHOLE_STARS).fit(Interactions(ratings(1)))
    assert isinstance(model, RatingModel)
    again = create(NAME, WHOLE_STARS).restore(model.arrays())
    for answer in ("score", "predict"):
        found = getattr(model, answer)(Histories(ratings(2)))
        assert (found.shape, found.dtype) == (ratings(2).shape, np.float32)
        np.testing.assert_array_equal(getattr(again, answer)(Histories(ratings(2))), found)


@pytest.mark.parametrize("promise", PROMISES)
def test_it_keeps_every_promise(promise, tmp_path):
    test = PROMISES[promise]
    test(NAME, **({"tmp_path": tmp_path} if "tmp_path" in signature(test).parameters else {}))


def test_a_setting_out_of_range_is_refused(example):
    with pytest.raises(ValueError, match="prior > 0"):
        example["MostWatchedConfig"](prior=0.0)
