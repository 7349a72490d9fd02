import numpy as np
import pandas as pd
import pytest

from recsys.data.cleaning import clean
from recsys.data.ratings import Ratings
from recsys.errors import DataError


def ratings_of(counts):
    """User u has rated items 0..counts[u]-1."""
    rows = [(user, item, 3, 0) for user, count in counts.items() for item in range(count)]
    return Ratings.from_frame(pd.DataFrame(rows, columns=["user_id", "item_id", "stars", "timestamp"]), where="made up")


def people(**fields):
    complete = {
        "age": [24, 53, 7],
        "gender": ["M", "F", "M"],
        "occupation": ["none", "x", "y"],
        "zip_code": ["1", "2", "3"],
    }
    return pd.DataFrame(complete | fields, index=pd.Index([1, 2, 3], name="user_id")).astype({"age": "Int64"})


def test_users_with_fewer_than_the_asked_ratings_go_with_the_items_only_they_rated():
    kept, report = clean(ratings_of({1: 20, 2: 19, 3: 25}), None)
    assert kept.user_ids.tolist() == [1, 3]
    kept, report = clean(ratings_of({1: 20, 2: 19, 3: 25}), None, min_ratings=25)
    assert kept.user_ids.tolist() == [3]
    kept, report = clean(ratings_of({1: 2, 2: 5}), None, min_ratings=0)
    assert (kept.n_users, kept.n_items) == (2, 5)
    kept, report = clean(ratings_of({1: 2, 2: 1, 3: 2}), None, min_ratings=2)
    assert (report.too_few, report.incomplete_demographics) == (1, 0)
    assert (report.n_ratings_before, report.n_ratings_after) == (5, 4)


@pytest.mark.parametrize("field", ["age", "gender", "occupation", "zip_code"])
def test_users_with_a_missing_field_go(field):
    users = people()
    users.loc[2, field] = None
    kept, report = clean(ratings_of({1: 3, 2: 3, 3: 3}), users, min_ratings=1)
    assert kept.user_ids.tolist() == [1, 3]
    assert report.incomplete_demographics == 1


def test_none_as_an_occupation_is_an_answer():
    kept, _ = clean(ratings_of({1: 3, 2: 3}), people(), min_ratings=1)
    assert kept.n_users == 2


def test_a_user_is_counted_for_one_reason_only():
    _, report = clean(ratings_of({1: 1, 2: 3, 3: 3}), people(gender=[None, None, "F"]), min_ratings=2)
    assert (report.too_few, report.incomplete_demographics, report.n_users_after) == (1, 1, 1)


def test_the_report_says_what_was_dropped():
    _, report = clean(ratings_of({1: 9, 2: 3, 3: 3}), people(gender=["F", None, "F"]), min_ratings=4)
    assert report.sentence() == (
        "Cleaning dropped 2 users with fewer than 4 ratings and 0 with incomplete demographics; 1 of 3 users, "
        "9 of 9 films and 9 of 15 ratings are left."
    )


def test_the_report_says_that_all_stayed():
    _, report = clean(ratings_of({1: 3, 2: 3}), None, min_ratings=3)
    assert report.sentence() == (
        "Cleaning kept all 2 users, 3 films and 6 ratings: nobody has fewer than 3 ratings or incomplete demographics."
    )


def test_refuses_to_drop_everybody():
    with pytest.raises(DataError, match="would drop all 3 users: 2 have fewer than 4 ratings, 1 have incomplete"):
        clean(ratings_of({1: 9, 2: 3, 3: 3}), people(gender=[None, "M", "F"]), min_ratings=4)


def test_rows_keep_their_position_in_the_file():
    kept, _ = clean(ratings_of({1: 1, 2: 3}), None, min_ratings=2)
    np.testing.assert_array_equal(kept.row, [1, 2, 3])
