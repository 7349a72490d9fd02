from dataclasses import replace

import numpy as np
import pytest

from eval.protocols import PROTOCOLS, make_splits
from eval.run import PROTOCOL_NAMES
from recsys.data.errors import DataError
from recsys.data.movielens import Dataset, load_dataset
from tests.data_folders import write_csv


@pytest.fixture
def tiny(tmp_path) -> Dataset:
    return load_dataset(write_csv(tmp_path / "tiny"), min_ratings=1)


def test_the_command_line_knows_the_protocols():
    assert tuple(PROTOCOLS) == PROTOCOL_NAMES


def test_five_seeded_folds_test_every_rating_once(tiny):
    splits = make_splits(tiny, "folds", ["all"], seed=0)
    assert [split.name for split in splits] == ["f1", "f2", "f3", "f4", "f5"]
    everything = tiny.ratings.matrix().toarray()
    np.testing.assert_array_equal(sum(split.test.toarray() for split in splits), everything)
    for split in splits:
        np.testing.assert_array_equal(split.train.toarray() + split.test.toarray(), everything)
        assert split.test.nnz in (1, 2)


def test_the_seed_moves_the_folds(tiny):
    tests = [make_splits(tiny, "folds", ["f1"], seed=seed)[0].test.toarray().tobytes() for seed in (0, 0, 1, 2, 3)]
    assert tests[0] == tests[1]
    assert len(set(tests)) > 1


def test_random_holds_out_a_fifth(tiny):
    [split] = make_splits(tiny, "random", None, seed=0)
    assert (split.name, split.test.nnz, split.train.nnz) == ("random", 1, 5)


def test_no_names_mean_the_first_and_a_name_twice_counts_once(tiny):
    assert [split.name for split in make_splits(tiny, "folds", None, seed=0)] == ["f1"]
    assert [split.name for split in make_splits(tiny, "folds", ["f3", "f2", "f3"], seed=0)] == ["f3", "f2"]


def test_all_among_names_means_all(tiny):
    assert len(make_splits(tiny, "folds", ["f1", "all"], seed=0)) == 5


def test_an_unknown_split_is_refused_with_the_known_ones(tiny):
    with pytest.raises(DataError, match="unknown split 'u1'; folds on tiny has f1, f2, f3, f4, f5, or all"):
        make_splits(tiny, "folds", ["u1"], seed=0)


def test_official_folds_go_by_position_in_the_file(tiny):
    """Rows 0-19999 are the test of u1, and so on, whatever rows cleaning has dropped in between."""
    row = np.array([0, 19_999, 20_000, 40_000, 60_000, 99_999])
    official = replace(tiny, official_folds=True, ratings=replace(tiny.ratings, row=row))
    splits = make_splits(official, "folds", ["all"], seed=0)
    assert [(split.name, split.test.nnz) for split in splits] == [("u1", 2), ("u2", 1), ("u3", 1), ("u4", 1), ("u5", 1)]


@pytest.mark.data
def test_movielens_100k_has_its_official_folds(ml_100k):
    splits = make_splits(ml_100k, "folds", ["all"], seed=0)
    assert [split.name for split in splits] == ["u1", "u2", "u3", "u4", "u5"]
    assert {(split.train.nnz, split.test.nnz) for split in splits} == {(80_000, 20_000)}
    assert (np.diff(splits[0].test.indptr) > 0).sum() == 459
