"""Team-draft interleaving: what the algorithm promises, of any two rankings and any seed."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.recommend.interleaving import Pick, rounds, team_draft

RANKINGS = st.lists(st.integers(0, 30), max_size=25, unique=True)
SEEDS = st.binary(max_size=8)
LENGTHS = st.integers(0, 40)
N_SEEDS = 1500
FOUR_DEVIATIONS = 4 * np.sqrt(0.25 / N_SEEDS)  # of a share of a half
FIRST, SECOND = [1, 2, 3, 4, 5, 6], [4, 2, 7, 1, 8, 9]


def seeds(number=N_SEEDS):
    return [each.to_bytes(4, "big") for each in range(number)]


@given(RANKINGS, RANKINGS, LENGTHS, SEEDS)
def test_a_list_has_each_film_once_and_is_as_long_as_it_can_be(first, second, k, seed):
    films = [pick.film for pick in team_draft(first, second, k, seed)]
    assert len(films) == len(set(films)) == min(k, len({*first, *second}))
    assert {*films} <= {*first, *second}


@given(RANKINGS, RANKINGS, LENGTHS, SEEDS)
def test_each_pick_is_the_best_of_its_ranking_that_is_not_taken(first, second, k, seed):
    taken = set()
    for film, team in team_draft(first, second, k, seed):
        if team is not None:
            assert film == next(each for each in (first, second)[team] if each not in taken)
        taken.add(film)


@given(RANKINGS, RANKINGS, LENGTHS, SEEDS)
def test_after_each_round_both_have_picked_as_many(first, second, k, seed):
    teams = [pick.team for pick in team_draft(first, second, k, seed)]
    picked = [team for team in teams if team is not None]
    assert teams[: len(picked)] == picked  # what is nobody's comes last
    for end in range(len(picked) + 1):
        assert abs(picked[:end].count(0) - picked[:end].count(1)) <= end % 2


@given(RANKINGS, RANKINGS, LENGTHS, SEEDS)
def test_what_is_nobodys_is_there_only_once_a_ranking_is_used_up(first, second, k, seed):
    picks = team_draft(first, second, k, seed)
    if any(pick.team is None for pick in picks):
        picked = {pick.film for pick in picks if pick.team is not None}
        assert {*first} <= picked or {*second} <= picked


@given(RANKINGS, LENGTHS, SEEDS)
def test_two_equal_rankings_make_a_list_that_is_equal_to_them(ranking, k, seed):
    assert [pick.film for pick in team_draft(ranking, ranking, k, seed)] == ranking[:k]


@given(RANKINGS, RANKINGS, LENGTHS, LENGTHS, SEEDS)
def test_a_shorter_list_is_the_beginning_of_a_longer_one(first, second, one, other, seed):
    shorter, longer = sorted((one, other))
    assert team_draft(first, second, shorter, seed) == team_draft(first, second, longer, seed)[:shorter]


@given(RANKINGS, RANKINGS, LENGTHS, SEEDS)
def test_the_same_seed_makes_the_same_list(first, second, k, seed):
    assert team_draft(first, second, k, seed) == team_draft(first, second, k, seed)


def test_a_list_by_hand():
    seed = next(each for each in seeds() if [*zip(rounds(each), range(3), strict=False)] == [(0, 0), (1, 1), (0, 2)])
    found = team_draft([1, 2, 3, 4], [2, 1, 5, 6], 6, seed)
    assert found == [Pick(1, 0), Pick(2, 1), Pick(5, 1), Pick(3, 0), Pick(4, 0), Pick(6, 1)]


@pytest.mark.parametrize("place", range(6))
def test_both_are_as_likely_to_pick_at_each_place(place):
    share = np.mean([team_draft(FIRST, SECOND, 6, seed)[place].team for seed in seeds()])
    assert abs(share - 0.5) < FOUR_DEVIATIONS


def test_a_film_of_both_is_as_often_the_pick_of_either_if_they_rank_it_alike():
    teams = Counter(pick.team for seed in seeds() for pick in team_draft([1, 2], [3, 2], 3, seed) if pick.film == 2)
    assert teams.keys() == {0, 1}
    assert abs(teams[1] / sum(teams.values()) - 0.5) < FOUR_DEVIATIONS


def test_exchanged_rankings_make_the_same_lists_as_often():
    """Whoever is named first has no advantage."""
    one = Counter(tuple(pick.film for pick in team_draft(FIRST, SECOND, 4, seed)) for seed in seeds())
    other = Counter(tuple(pick.film for pick in team_draft(SECOND, FIRST, 4, seed)) for seed in seeds())
    assert one.keys() == other.keys()
    assert all(abs(one[films] - other[films]) / N_SEEDS < 2 * FOUR_DEVIATIONS for films in one)


def test_who_likes_at_random_prefers_neither():
    rng = np.random.default_rng(0)
    drafts = (team_draft(FIRST, SECOND, 6, seed) for seed in seeds())
    credit = Counter(pick.team for draft in drafts for pick in draft if rng.random() < 0.5)
    assert abs(credit[0] - credit[1]) / credit.total() < 0.02


def test_who_likes_what_one_ranking_has_first_prefers_that_one():
    liked = {7, 8, 9}  # of the second alone
    credit = Counter(
        pick.team for seed in seeds(200) for pick in team_draft(FIRST, SECOND, 6, seed) if pick.film in liked
    )
    assert credit[1] > 0 == credit[0]
