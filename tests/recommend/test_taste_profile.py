"""A taste against everybody's: small cases worked by hand, on several scales, with and without stars and genres."""

import numpy as np
import pytest

from recsys.artifacts.artifact import Artifact, Items
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.errors import DataError
from recsys.films.catalog import Catalog, Film
from recsys.recommend.recommender import Recommender
from recsys.recommend.taste_profile import Compared, Foreseen, Group, TasteProfile, Unlike, taste_profile

TEN = RatingScale(lowest=1.0, highest=10.0)
FILMS = {  # number of ratings, their mean, genres, year
    "A": (400, 4.0, ("Drama",), 1994),
    "B": (200, 3.0, ("Drama", "War"), 1995),
    "C": (200, 3.0, ("War",), 1984),
    "D": (100, 2.0, ("Horror",), 1985),
    "E": (60, 4.0, (), None),
    "F": (9, 1.0, ("Horror",), 1991),
    "G": (3, 0.0, ("Drama",), 1992),
}
LEVELS = np.array([0.1, 0.1, 0.2, 0.4, 0.2])


class Fixed:
    """Ranks all films alike."""

    def __init__(self, scale):
        self.scale, self.config, self.asked = scale, None, []

    def score(self, people):
        return np.zeros(people.shape, dtype=np.float32)


class WithStars(Fixed):
    def predict(self, people):
        """The mean of a person's other ratings."""
        stars = people.stars.toarray()
        means = stars.sum(axis=1) / np.maximum((stars > 0).sum(axis=1), 1)
        return np.repeat(means[:, None], stars.shape[1], axis=1).astype(np.float32)


class WithChances(WithStars):
    predicts_means = False

    def rating_distribution(self, people, items=None):
        n_items = people.shape[1] if items is None else len(items)
        n_levels = len(self.scale.levels)
        spread = LEVELS if n_levels == len(LEVELS) else np.full(n_levels, 1 / n_levels)
        return np.broadcast_to(spread, (len(people), n_items, n_levels)).astype(np.float32)


METHODS = ("fit", "arrays", "array_shapes", "restore")
for name in METHODS:
    setattr(Fixed, name, lambda self, *_: self)
Fixed.uses_validation = Fixed.keeps_ratings = False


def recommender(kind=WithChances, scale=WHOLE_STARS, films=FILMS, level_counts=None):
    ids = np.arange(len(films)) + 1
    known = {
        int(item): Film(name if year is None else f"{name} ({year})", genres)
        for item, (name, (*_, genres, year)) in zip(ids, films.items(), strict=True)
    }
    catalog = Catalog.from_films(ids, known)
    n_ratings, means = (np.array([film[at] for film in films.values()]) for at in (0, 1))
    items = Items(ids, n_ratings, means.astype(np.float32), level_counts=level_counts)
    return Recommender(Artifact("fixed", kind(scale), items, {}), catalog)


def profile(stars, **options):
    """Of somebody who gave films, in the order of FILMS, some stars; None: not rated."""
    model = recommender(**options)
    return taste_profile(
        model, {title: given for title, given in zip(model.display_titles, stars, strict=False) if given}
    )


def test_of_nobody_nothing_is_said():
    assert profile([]) == TasteProfile(n_rated=0)


def test_of_few_ratings_only_what_is_seen_is_said():
    seen = profile([5, None, None, 4, None])
    assert (seen.n_rated, seen.mean) == (2, 4.5)
    assert [(bar.lowest, bar.n_rated) for bar in seen.bars] == [(1, 0), (2, 0), (3, 0), (4, 1), (5, 1)]
    assert seen.more == (Unlike("D (1985)", 4.0, 2.0, 100), Unlike("A (1994)", 5.0, 4.0, 400))
    assert (seen.strictness, seen.genres, seen.decades, seen.foreseen) == (None, (), (), None)


def test_strictness_is_over_films_of_known_mean_and_only_where_there_are_five():
    """(5 + 2 + 3 + 1 + 4 + 3) / 6 against (4 + 3 + 3 + 2 + 4 + 1) / 6; G has too few ratings for a mean."""
    seen = profile([5, 2, 3, 1, 4, 3, 5])
    assert seen.strictness == Compared(pytest.approx(3.0), pytest.approx(17 / 6), 6)
    assert seen.n_rated == 7
    assert profile([5, 2, 3, 1, None, None, 5]).strictness is None


def test_genres_are_shares_among_films_that_have_any_worked_by_hand():
    """Of A, B, C, D, G three are Drama, two War, one Horror; E has none. Of 912 ratings of such films 603 are Drama."""
    seen = profile([5, 2, 3, 1, 4, None, 5])
    assert [group.name for group in seen.genres] == ["Drama", "War", "Horror"]
    drama, war, horror = seen.genres
    assert drama == Group("Drama", 3, 3 / 5, pytest.approx(603 / 912), Compared(3.5, 3.5, 2))
    assert war == Group("War", 2, 2 / 5, pytest.approx(400 / 912), Compared(2.5, 3.0, 2))
    assert horror == Group("Horror", 1, 1 / 5, pytest.approx(109 / 912), Compared(1.0, 2.0, 1))


def test_a_group_of_films_without_known_means_has_shares_alone():
    films = FILMS | {"H": (2, 0.0, ("Noir",), 1990)}
    [noir] = [group for group in profile([5, 2, 3, 1, 4, None, None, 5], films=films).genres if group.name == "Noir"]
    assert (noir.n_rated, noir.means) == (1, None)


def test_decades_are_in_order_of_time():
    """A, B and G of 200 + 400 + 9 + 3 ratings in the nineties, C and D of 300 in the eighties; E has no year."""
    seen = profile([5, 2, 3, 1, 4, None, 5])
    assert [(group.name, group.n_rated, group.share) for group in seen.decades] == [
        ("1980s", 2, 2 / 5),
        ("1990s", 3, 3 / 5),
    ]
    assert [group.share_of_all for group in seen.decades] == pytest.approx([300 / 912, 612 / 912])


def test_films_without_genres_or_years_have_no_groups():
    bare = {name: (n, mean, (), None) for name, (n, mean, *_) in FILMS.items()}
    seen = taste_profile(recommender(films=bare), dict.fromkeys([1, 2, 3, 4, 5], 4))
    assert (seen.genres, seen.decades) == ((), ())
    assert seen.strictness == Compared(4.0, pytest.approx(3.2), 5)


def test_liked_more_and_less_are_an_eighth_of_the_scale_away_and_of_films_that_ten_people_rated():
    """F was rated by 9 and G by 3; A, B and C lie half a star off, and .56 are an eighth."""
    seen = profile([3.5, 3.5, 3.5, 4.5, 2.5, 5, 5], scale=HALF_STARS)
    assert [(film.title, film.stars, film.mean) for film in seen.more] == [("D (1985)", 4.5, 2.0)]
    assert [(film.title, film.stars, film.mean) for film in seen.less] == [("E", 2.5, 4.0)]


@pytest.mark.parametrize(("scale", "far", "near"), [(HALF_STARS, 3.5, 3), (TEN, 5, 4)])
def test_how_far_is_far_is_a_matter_of_the_scale(scale, far, near):
    films = {"A": (50, 2.9 if scale is HALF_STARS else 3.5, (), 1990), "B": (50, 4.0, (), 1991)}
    assert [film.title for film in profile([far, None], scale=scale, films=films).more] == ["A (1990)"]
    assert profile([near, None], scale=scale, films=films).more == ()


def test_bars_are_the_levels_of_the_scale():
    seen = profile([5, 5, 1, 4])
    assert [bar.share for bar in seen.bars] == [0.25, 0, 0, 0.25, 0.5]
    assert [bar.share_of_all for bar in seen.bars] == [None] * 5


def test_everybody_s_bars_are_the_ratings_of_all_films_that_were_counted():
    counts = np.zeros((len(FILMS), 5), dtype=np.int64)
    counts[0], counts[3] = (0, 0, 100, 200, 100), (50, 25, 25, 0, 0)
    shares = [bar.share_of_all for bar in profile([5, 5, 1, 4], level_counts=counts).bars]
    assert shares == [0.1, 0.05, 0.25, 0.4, 0.2]
    assert profile([5], level_counts=0 * counts).bars[0].share_of_all is None


def test_many_levels_share_bars():
    scale = RatingScale(lowest=1.0, highest=100.0)
    seen = profile([100, 1, 9, 10], scale=scale)
    assert (seen.bars[0].lowest, seen.bars[0].highest, seen.bars[0].n_rated) == (1, 9, 2)
    assert seen.bars[-1].highest == 100
    assert len(seen.bars) <= 12
    assert sum(bar.n_rated for bar in seen.bars) == 4
    any_number = profile([1.5, 9.9], scale=RatingScale(lowest=1.0, highest=10.0, step=0.0))
    assert (any_number.bars[0].lowest, any_number.bars[-1].highest) == pytest.approx((1.0, 10.0))


def test_what_is_expected_is_how_far_chances_lie_from_their_mean_worked_by_hand():
    """The mean is 3.5: .1 * 2.5 + .1 * 1.5 + .2 * .5 + .4 * .5 + .2 * 1.5; averages are 1 off thrice, 0 and 1 else."""
    assert profile([5, 2, 3, 1, 4]).foreseen == Foreseen(pytest.approx(1.0), True, None)


def test_what_everybody_says_is_left_out_where_little_is_known_of_it():
    seen = profile([5, 2, 3, 1, None, None, 4])
    assert seen.foreseen == Foreseen(pytest.approx(1.0), True, None)


def of_twelve(stars, kind):
    return profile(stars, films={f"F{at}": (50, 3.0, (), 1990 + at) for at in range(12)}, kind=kind)


def test_a_guess_is_made_without_the_rating_itself():
    """Six of 2 stars and six of 4: of one of 2 the others' mean is (5 * 2 + 6 * 4) / 11, which is 12 / 11 more."""
    seen = of_twelve([2, 4] * 6, WithStars)
    assert seen.foreseen == Foreseen(pytest.approx(12 / 11), False, pytest.approx(1.0))
    assert of_twelve([2, 4] * 4, WithStars).foreseen is None


def test_a_model_that_only_ranks_guesses_nothing():
    seen = of_twelve([2, 4] * 6, Fixed)
    assert seen.foreseen is None
    assert seen.strictness == Compared(3.0, 3.0, 12)


def test_what_is_no_rating_is_refused():
    with pytest.raises(DataError, match="got 9 stars; expected 1 to 5"):
        profile([9])
