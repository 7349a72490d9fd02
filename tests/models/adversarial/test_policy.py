"""REINFORCE against the exact gradient, on six films, where all that can be drawn is enumerated."""

import numpy as np
import pytest

from recsys.models.adversarial.policy import Films, drawn_films, policy_slope, softmax, worth_of, worth_of_draws

RNG = np.random.default_rng(0)
LOGITS, REWARDS = RNG.normal(size=(2, 6)), RNG.normal(size=(2, 6))
CHANCES = softmax(LOGITS)
MIXED = 0.8 * CHANCES + 0.2 * np.array([[0.5, 0, 0.5, 0, 0, 0], [0, 0, 0, 0, 0, 1.0]])


def earned(logits: np.ndarray) -> float:
    """What a choice of each of two people earns on average, added up."""
    return float(np.sum(softmax(logits) * REWARDS))


def exact_slope() -> np.ndarray:
    """The gradient of minus that, by finite differences."""
    slope = np.zeros_like(LOGITS)
    for place in np.ndindex(LOGITS.shape):
        moved = np.zeros_like(LOGITS)
        moved[place] = 1e-6
        slope[place] = -(earned(LOGITS + moved) - earned(LOGITS - moved)) / 2e-6
    return slope


def of_draws(*items: int, baseline: float = 0.0) -> np.ndarray:
    """The slope of the first person when these films were drawn for them."""
    films = Films(np.zeros(len(items), dtype=int), np.array(items))
    return policy_slope(CHANCES, worth_of_draws(CHANCES, REWARDS - baseline, MIXED, films))[0]


def test_all_films_by_their_chances_are_the_exact_gradient():
    np.testing.assert_allclose(policy_slope(CHANCES, worth_of(CHANCES, REWARDS)), exact_slope(), atol=1e-8)


@pytest.mark.parametrize("baseline", [0.0, 0.7, -3.0])
def test_the_slope_of_a_draw_is_the_exact_gradient_on_average(baseline):
    """Each film with its chance of being drawn; what is taken off all rewards changes nothing."""
    average = sum(MIXED[0, item] * of_draws(item, baseline=baseline) for item in range(6))
    np.testing.assert_allclose(average, exact_slope()[0], atol=1e-8)


def test_so_is_the_slope_of_two_draws():
    pairs = [(MIXED[0, one] * MIXED[0, other], of_draws(one, other)) for one in range(6) for other in range(6)]
    np.testing.assert_allclose(sum(chance * slope for chance, slope in pairs), exact_slope()[0], atol=1e-8)


def test_what_the_mean_reward_is_taken_off_varies_less():
    """Of rewards that are all high."""
    mean = float(CHANCES[0] @ (REWARDS[0] + 5))
    spread = [
        sum(MIXED[0, item] * np.sum(of_draws(item, baseline=off) ** 2) for item in range(6)) for off in (-5, mean - 5)
    ]
    assert spread[1] < 0.2 * spread[0]


def test_draws_come_as_often_as_their_chances_say_and_as_many_as_are_asked_for():
    films = drawn_films(CHANCES, np.array([0, 40_000]), np.random.default_rng(1))
    assert set(films.rows) == {1}
    np.testing.assert_allclose(np.bincount(films.items, minlength=6) / 40_000, CHANCES[1], atol=0.01)
    assert len(drawn_films(CHANCES, np.array([0, 0]), np.random.default_rng(1)).items) == 0


def test_what_has_no_chance_is_never_drawn():
    chances = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]], dtype=np.float32)
    films = drawn_films(chances, np.full(3, 500), np.random.default_rng(2))
    np.testing.assert_array_equal(films.items, np.repeat([1, 2, 0], 500))
