"""What counts as a like, against loops, on scales of every kind; and that everybody asks the same."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from eval.options import liking
from recsys.data.interactions import Interactions
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.liking import in_words, least_stars, liked, likes
from recsys.models import MODELS, create
from recsys.models.linear.config import EASEConfig
from recsys.models.linear.ease import EASE
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.simple.config import PopularityConfig
from recsys.models.simple.popularity import Popularity
from recsys.settings import from_json

TO_TEN = RatingScale(lowest=1.0, highest=10.0)
TENTHS = RatingScale(lowest=0.1, highest=0.5, step=0.1)
ANY = RatingScale(lowest=1.0, highest=10.0, step=0.0)
every_scale = pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS, TO_TEN, TENTHS, ANY])
every_rule = pytest.mark.parametrize("rule", ["level", "mean", 0.3, 4.0])


def stars_on(scale: RatingScale) -> sp.csr_array:
    """Of 12 people, one of whom has rated nothing, one everything alike, and one a single film."""
    rng = np.random.default_rng(0)
    stars = rng.choice(scale.levels, (12, 9)) * (rng.random((12, 9)) < 0.6)
    stars[3], stars[5] = 0, np.where(stars[5] > 0, scale.levels[2], 0)
    stars[7] = scale.levels[-1] * (np.arange(9) == 4)
    return sp.csr_array(stars.astype(np.float32))


def naive(stars: np.ndarray, rule: float | str, scale: RatingScale) -> np.ndarray:
    """(B, I) bool by a loop over people."""
    found = np.zeros(stars.shape, dtype=bool)
    for row, given in enumerate(stars.astype(float)):
        rated = given > 0
        if rule == "mean":
            found[row] = rated & (given > given[rated].mean() + 1e-6) if rated.any() else False
        else:
            found[row] = rated & (given >= (scale.liked_from if rule == "level" else rule) - 1e-6)
    return found


@every_scale
@every_rule
def test_likes_are_those_of_a_loop(scale, rule):
    stars = stars_on(scale)
    expected = naive(stars.toarray(), rule, scale)
    least = least_stars(rule, scale, stars)
    found = liked(stars, least)
    np.testing.assert_array_equal(found.toarray(), expected)
    assert found.nnz == expected.sum() == likes(stars, least).sum()
    np.testing.assert_array_equal(
        Popularity(PopularityConfig(liked_from=rule), scale).fit(Interactions(stars)).n_likes, expected.sum(axis=0)
    )
    feedback = EASE(EASEConfig(feedback="binary", liked_from=rule), scale).feedback(stars)
    np.testing.assert_array_equal(feedback.toarray(), expected)


def test_somebody_without_ratings_likes_from_the_level_on_by_their_own_mean_too():
    assert least_stars("mean", TO_TEN, sp.csr_array((2, 3), dtype=np.float32)) == pytest.approx([8, 8])


def test_the_level_below_the_lowest_like_is_none_on_the_finest_scale_too():
    """Three quarters of the way from 0.0005 to 0.5 lie at 0.375125."""
    fine = RatingScale(lowest=0.0005, highest=0.5, step=0.0005)
    stars = sp.csr_array(np.array([[0.375, 0.3755]]))
    assert likes(stars, least_stars("level", fine, stars)).tolist() == [False, True]


@pytest.mark.parametrize("config", [PopularityConfig, EASEConfig, MultVAEConfig])
@pytest.mark.parametrize("wrong", [0, -1.0, "often", ""])
def test_a_rule_that_is_none_is_refused(config, wrong):
    with pytest.raises(ValueError, match="expected liked_from above 0 stars, or 'level' or 'mean'"):
        config(liked_from=wrong)


@pytest.mark.parametrize("rule", ["level", "mean", 4.0, 3])
def test_settings_of_stars_and_of_rules_are_read(rule):
    assert from_json(PopularityConfig(), {"liked_from": rule}) == PopularityConfig(liked_from=rule)


@pytest.mark.parametrize("wrong", [True, None, [4.0], "4"])
def test_settings_that_are_neither_are_refused(wrong):
    with pytest.raises(ValueError, match="liked_from"):
        from_json(PopularityConfig(), {"liked_from": wrong})


@pytest.mark.parametrize("name", [name for name in MODELS if hasattr(MODELS[name].config, "liked_from")])
def test_one_rule_reaches_every_model(name):
    assert create(name, TO_TEN, liking="mean").config == replace(MODELS[name].config, liked_from="mean")


def test_one_rule_reaches_the_parts_of_the_flagship():
    config = create("hybrid-vae", TO_TEN, liking="mean").config
    assert (config.vae.liked_from, config.linear.liked_from) == ("mean", "mean")


def test_the_command_line_takes_rules_and_stars():
    assert [liking(text) for text in ("level", "mean", "3.5")] == ["level", "mean", 3.5]
    for text in ("often", "0", "-2", "inf", "nan"):
        with pytest.raises(Exception, match=f"'{text}' is neither level, mean nor a number of stars above 0"):
            liking(text)


def test_rules_are_said_in_words():
    assert in_words(4.0) == "4 stars or more"
    assert in_words("mean") == "more stars than the person's mean"
