from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.numbering import numbered
from recsys.data.ratings import COLUMNS, Ratings, found_scale
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.errors import DataError

ROWS = [(7, 30, 5, 100), (7, 10, 3, 101), (2, 10, 1, 102), (9, 20, 4, 103)]
slow_machines_too = settings(deadline=None)


def frame(*rows):
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


def read(*rows, **options):
    return Ratings.from_frame(frame(*rows), where="ratings.csv", **options)


def cells(ratings):
    """{(user_id, item_id): stars} of a matrix, looked up by the data's own ids."""
    found = ratings.matrix().tocoo()
    ids = zip(ratings.user_ids[found.row].tolist(), ratings.item_ids[found.col].tolist(), strict=True)
    return dict(zip(ids, found.data.tolist(), strict=True))


tables = st.dictionaries(
    st.tuples(st.integers(-5, 20), st.integers(0, 2**40)), st.sampled_from(HALF_STARS.levels.tolist()), min_size=1
)


def test_ids_are_sorted_before_they_are_numbered_and_rows_keep_the_files_order():
    ratings = read(*ROWS)
    assert ratings.user_ids.tolist() == [2, 7, 9]
    assert ratings.item_ids.tolist() == [10, 20, 30]
    assert ratings.user_idx.tolist() == [1, 1, 0, 2]
    assert ratings.item_idx.tolist() == [2, 0, 0, 1]
    assert ratings.row.tolist() == [0, 1, 2, 3]
    assert (ratings.n_users, ratings.n_items, ratings.n_ratings) == (3, 3, 4)


@pytest.mark.parametrize(("time", "kind"), [(100, np.int32), (2**31, np.int64)])
def test_columns_have_the_agreed_types(time, kind):
    ratings = read(*ROWS, (9, 30, 4, time))
    types = {field.name: getattr(ratings, field.name).dtype for field in fields(Ratings)[:-1]}
    assert types == {
        **dict.fromkeys(("user_idx", "item_idx", "row"), np.int32),
        **dict.fromkeys(("user_ids", "item_ids"), np.int64),
        "timestamp": kind,
        "stars": np.float32,
    }
    assert ratings.times().dtype == np.int64


@slow_machines_too
@given(tables, st.randoms())
def test_times_are_in_the_order_of_the_matrix(table, random):
    rows = [(user, item, stars, at) for at, ((user, item), stars) in enumerate(table.items())]
    for ordered in (sorted(rows), random.sample(rows, len(rows))):
        ratings = read(*ordered)
        keep = ratings.timestamp % 3 > 0
        for kept in (None, keep):
            cells, times = ratings.matrix(kept).tocoo(), ratings.times(kept)
            ids = zip(ratings.user_ids[cells.row].tolist(), ratings.item_ids[cells.col].tolist(), strict=True)
            assert [rows[time][:2] for time in times] == list(ids)
            assert [rows[time][2] for time in times] == cells.data.tolist()


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1), st.sampled_from([np.int32, np.int64]))
def test_ids_far_apart_are_numbered_as_near_ones_are(ids, kind):
    given_ids = np.array(ids, dtype=kind)
    for numbers in (given_ids, given_ids % 3 - 1):
        idx, distinct = numbered(numbers)
        assert (idx.dtype, distinct.dtype) == (np.int32, np.int64)
        assert distinct.tolist() == sorted({int(number) for number in numbers})
        np.testing.assert_array_equal(distinct[idx], numbers)


def test_ratings_do_not_share_memory_with_their_table():
    table = frame(*ROWS).astype({"stars": np.float32, "timestamp": np.int32})
    ratings = Ratings.from_frame(table, where="ratings.csv")
    for column, kept in (("stars", ratings.stars), ("timestamp", ratings.timestamp)):
        assert not np.shares_memory(table[column].to_numpy(), kept)
    assert not np.shares_memory(ratings.matrix().data, ratings.stars)


def test_tenths_are_held_by_a_scale_of_tenths_in_single_precision():
    tenths = RatingScale(lowest=0.1, highest=1.0, step=0.1)
    table = frame((1, 1, 0.3, 0), (1, 2, 0.7, 0)).astype({"stars": np.float32})
    assert Ratings.from_frame(table, where="ratings.csv", scale=tenths).stars.tolist() == pytest.approx([0.3, 0.7])


def test_matrix_worked_by_hand():
    matrix = read(*ROWS).matrix()
    assert matrix.dtype == np.float32
    assert matrix.toarray().tolist() == [[1, 0, 0], [3, 0, 5], [0, 4, 0]]


@slow_machines_too
@given(tables)
def test_matrix_holds_what_the_frame_holds(table):
    ratings = read(*((user, item, stars, 0) for (user, item), stars in table.items()))
    assert cells(ratings) == table


@slow_machines_too
@given(tables, st.randoms())
def test_the_order_of_rows_does_not_change_the_matrix(table, random):
    rows = [(user, item, stars, 0) for (user, item), stars in table.items()]
    shuffled = random.sample(rows, len(rows))
    assert (read(*rows).matrix() != read(*shuffled).matrix()).nnz == 0


@slow_machines_too
@given(tables)
def test_a_matrix_of_some_ratings_has_the_same_shape(table):
    ratings = read(*((user, item, stars, 0) for (user, item), stars in table.items()))
    keep = ratings.row % 2 == 0
    parts = ratings.matrix(keep), ratings.matrix(~keep)
    assert parts[0].shape == parts[1].shape == (ratings.n_users, ratings.n_items)
    assert (parts[0] + parts[1] != ratings.matrix()).nnz == 0


@slow_machines_too
@given(tables)
def test_renaming_ids_in_reverse_order_flips_the_matrix(table):
    ratings = read(*((user, item, stars, 0) for (user, item), stars in table.items()))
    renamed = read(*((-user, -item, stars, 0) for (user, item), stars in table.items()))
    np.testing.assert_array_equal(renamed.matrix().toarray(), ratings.matrix().toarray()[::-1, ::-1])


def test_of_users_drops_items_that_nobody_left_has_rated_and_keeps_row():
    rest = read(*ROWS).of_users(np.array([2, 9]))
    assert rest.user_ids.tolist() == [2, 9]
    assert rest.item_ids.tolist() == [10, 20]
    assert rest.row.tolist() == [2, 3]
    assert cells(rest) == {(2, 10): 1, (9, 20): 4}


@slow_machines_too
@given(tables, st.integers(1, 5))
def test_of_users_equals_reading_only_their_rows(table, step):
    rows = [(user, item, stars, 0) for (user, item), stars in table.items()]
    chosen = sorted({user for user, *_ in rows})[::step]
    kept = read(*rows, scale=HALF_STARS).of_users(np.array(chosen))
    again = read(*(row for row in rows if row[0] in chosen), scale=HALF_STARS)
    for name in ("user_idx", "item_idx", "stars", "timestamp", "user_ids", "item_ids"):
        np.testing.assert_array_equal(getattr(kept, name), getattr(again, name))


def test_of_all_users_changes_nothing():
    ratings = read(*ROWS)
    assert ratings.of_users(ratings.user_ids) is ratings


def test_the_scale_is_seen_from_the_ratings():
    assert read(*ROWS).scale == WHOLE_STARS
    assert read(*ROWS, (1, 1, 0.5, 0)).scale == HALF_STARS
    assert read(*ROWS, scale=HALF_STARS).scale == HALF_STARS


@pytest.mark.parametrize("column", COLUMNS)
def test_refuses_a_missing_column(column):
    with pytest.raises(
        DataError, match=f"ratings.csv: no column '{column}'; its columns are: .*Expected user_id, item_id"
    ):
        Ratings.from_frame(frame(*ROWS).drop(columns=column), where="ratings.csv")


def test_refuses_an_empty_table():
    with pytest.raises(DataError, match="ratings.csv holds no ratings; expected one line per rating"):
        read()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ((3, 10, "five", 0), "stars is 'five'; expected a number of stars"),
        ((3, 10, np.nan, 0), "stars is empty; expected a number of stars"),
        ((3, 10, np.inf, 0), "stars is inf; expected a number of stars"),
        ((3, 10, 6, 0), "stars is 6; expected 1 to 5 stars in steps of 1"),
        ((3, 10, 0, 0), "stars is 0; expected 1 to 5 stars in steps of 1"),
        ((3, 10, 3.7, 0), "stars is 3.7; expected 0.5 to 5 stars in steps of 0.5"),
        (("x", 10, 3, 0), "user_id is 'x'; expected a whole number"),
        ((3, None, 3, 0), "item_id is empty; expected a whole number"),
        ((3, 10.5, 3, 0), "item_id is 10.5; expected a whole number"),
        ((3, 1e300, 3, 0), r"item_id is 1e\+300; expected a whole number"),
        ((3, 10, 3, "noon"), "timestamp is 'noon'; expected a whole number"),
    ],
)
def test_refuses_a_value_and_says_where_what_and_how_many(row, message):
    with pytest.raises(
        DataError, match=f"^ratings.csv row 5: {message}. 1 of 5 ratings is like this: correct or delete"
    ):
        read(*ROWS, row)


def test_the_first_of_several_bad_values_is_named_and_all_are_counted():
    with pytest.raises(DataError, match="row 2: stars is 9; .* 2 of 6 ratings are like this"):
        read(ROWS[0], (1, 1, 9, 0), *ROWS[1:], (1, 2, 9, 0))


def test_half_stars_are_refused_on_a_scale_of_whole_stars():
    with pytest.raises(DataError, match="row 5: stars is 3.5; expected 1 to 5 stars in steps of 1"):
        read(*ROWS, (1, 1, 3.5, 0), scale=WHOLE_STARS)


def test_refuses_a_repeated_pair_and_names_the_first():
    with pytest.raises(DataError) as refused:
        read((1, 5, 3, 0), (1, 5, 4, 1), (2, 5, 4, 1), (2, 6, 4, 1))
    assert str(refused.value) == (
        "ratings.csv: 1 of 3 (user, item) pairs repeats; the first is row 2: (1, 5). A rating matrix holds one rating "
        "per pair: delete all but one, or keep the latest by timestamp (--on-duplicate latest)."
    )


def test_counts_repeated_pairs_not_repeated_rows():
    with pytest.raises(DataError, match="2 of 2 .* pairs repeat; the first is line 30: "):
        read(*[(1, 5, 3, 0)] * 3, *[(2, 5, 3, 0)] * 2, place=lambda row: f"line {row}0" if row == 3 else "line 30")


def test_latest_keeps_the_newest_rating_of_a_pair_and_the_files_order():
    ratings = read((1, 5, 3, 20), (2, 5, 1, 0), (1, 5, 4, 10), (2, 5, 2, 0), (0, 5, 5, 0), on_duplicate="latest")
    assert cells(ratings) == {(1, 5): 3, (2, 5): 2, (0, 5): 5}
    assert ratings.row.tolist() == [0, 3, 4]


@slow_machines_too
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 5), st.integers(0, 4)), min_size=1))
def test_latest_equals_a_walk_through_the_file(rows):
    newest: dict = {}
    for user, item, stars, time in rows:
        if time >= newest.get((user, item), (0, -1))[1]:
            newest[user, item] = (stars, time)
    assert cells(read(*rows, on_duplicate="latest")) == {pair: stars for pair, (stars, _) in newest.items()}


# ---- which scale ratings are given on


def over_and_over(*levels: float, n: int = 200) -> np.ndarray:
    return np.resize(np.array(levels, dtype=np.float64), n)


@pytest.mark.parametrize(
    ("stars", "scale"),
    [
        (over_and_over(1, 2, 5), WHOLE_STARS),
        (over_and_over(4, 4, 3), WHOLE_STARS),
        (over_and_over(0.5, 3, 5), HALF_STARS),
        (over_and_over(1, 5, 10), RatingScale(highest=10.0)),
        (over_and_over(2, 6, 7), RatingScale(highest=10.0)),
        (over_and_over(0.5, 7.5), RatingScale(lowest=0.5, highest=10.0, step=0.5)),
        (over_and_over(1, 37, 90), RatingScale(highest=100.0)),
        (over_and_over(1, 7, n=99), WHOLE_STARS),
        (np.append(over_and_over(1, 2, 5), 6), WHOLE_STARS),
        (over_and_over(1.1, 8.7), HALF_STARS),
        (over_and_over(0, 10), WHOLE_STARS),
    ],
)
def test_ratings_show_their_scale_and_a_few_beyond_it_are_mistakes(stars, scale):
    assert found_scale(stars) == scale
