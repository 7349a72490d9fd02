import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.protocols import PROTOCOL_NAMES, make_splits, protocol_called
from eval.protocols.folds import fold_masks
from eval.reporting.along import tables_along
from eval.reporting.plots import draw_along
from eval.reporting.tables import list_table
from recsys.data.movielens import Dataset, load_dataset
from recsys.errors import DataError
from recsys.stated_genres import genre_shares, stated_genres
from tests.support.data_folders import write_csv, write_genres
from tests.support.small_reports import SPLIT, small_outcome, small_report

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tiny(tmp_path) -> Dataset:
    return load_dataset(write_csv(tmp_path / "tiny"), min_ratings=1)


def test_a_protocol_is_called_as_its_file_and_the_folds_come_first():
    assert ["folds", *sorted(name for name in PROTOCOL_NAMES if name != "folds")] == PROTOCOL_NAMES
    assert {"folds", "random", "last", "genres"} <= set(PROTOCOL_NAMES)
    for name in PROTOCOL_NAMES:
        protocol = protocol_called(name)
        assert protocol.procedure.endswith(".")
        assert protocol.rules[0].islower()
        assert protocol.summary


def test_a_table_says_of_a_protocol_what_it_says_of_itself(tmp_path):
    report = small_report(tmp_path, small_outcome())
    of_genres = replace(report, protocol="genres", splits=(SPLIT.model_copy(update={"n_asked": 2}),))
    protocol, table = protocol_called("genres"), list_table(of_genres)
    assert table.title == f"Top-N lists for {protocol.whose} (higher is better)"
    assert table.notes[0] == protocol.listed
    assert list_table(report).title == "Top-N lists (higher is better)"
    assert list_table(report).notes[0].endswith("Every film a person has not rated is ranked.")
    assert list_table(replace(report, protocol="cold-items")).notes[0].endswith(protocol_called("cold-items").listed)


def test_nobody_asks_which_protocol_it_is_to_describe_it():
    files = [*ROOT.glob("recsys/**/*.py"), *ROOT.glob("eval/**/*.py")]
    assert len(files) > 100
    assert {str(path): asked for path in files if (asked := protocols_compared_with(path))} == {}


def protocols_compared_with(path: Path) -> list[str]:
    """Names of protocols that code compares something called so with."""
    comparisons = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Compare)
    ]
    of_protocols = [node for node in comparisons if "protocol" in ast.unparse(node)]
    values = [getattr(value, "value", None) for node in of_protocols for value in (node.left, *node.comparators)]
    return [value for value in values if value in PROTOCOL_NAMES]


def test_five_seeded_folds_test_every_rating_once(tiny):
    splits = make_splits(tiny, "folds", ["all"], seed=0)
    assert [split.name for split in splits] == ["f1", "f2", "f3", "f4", "f5"]
    everything = tiny.ratings.matrix().toarray()
    np.testing.assert_array_equal(sum(split.test.toarray() for split in splits), everything)
    for split in splits:
        np.testing.assert_array_equal(split.train.stars.toarray() + split.test.toarray(), everything)
        assert split.test.nnz in (1, 2)


def test_the_seed_moves_the_folds(tiny):
    tests = [make_splits(tiny, "folds", ["f1"], seed=seed)[0].test.toarray().tobytes() for seed in (0, 0, 1, 2, 3)]
    assert tests[0] == tests[1]
    assert len(set(tests)) > 1


def test_random_holds_out_a_fifth(tiny):
    [split] = make_splits(tiny, "random", None, seed=0)
    assert (split.name, split.test.nnz, split.train.stars.nnz) == ("random", 1, 5)


def test_the_last_rating_of_everybody_is_found_by_those_before(tmp_path):
    rows = [(1, 10, 4, 500), (1, 11, 3, 900), (1, 12, 5, 900), (2, 10, 2, 300), (2, 11, 1, 200), (3, 10, 4, 100)]
    folder = tmp_path / "timed"
    folder.mkdir()
    lines = [",".join(map(str, row)) for row in [("userId", "movieId", "rating", "timestamp"), *rows]]
    (folder / "ratings.csv").write_text("\n".join(lines))
    (folder / "movies.csv").write_text(
        "movieId,title,genres\n10,A (1990),Drama\n11,B (1991),Drama\n12,C (1992),Drama\n"
    )
    [split] = make_splits(load_dataset(folder, min_ratings=1), "last", ["all"], seed=0)
    np.testing.assert_array_equal(split.test.toarray(), [[0, 0, 5], [2, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(split.train.stars.toarray(), [[4, 3, 0], [0, 1, 0], [4, 0, 0]])


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


@pytest.fixture(scope="module")
def by_genre(tmp_path_factory) -> Dataset:
    return load_dataset(write_genres(tmp_path_factory.mktemp("data") / "by_genre"), min_ratings=1)


def test_every_person_is_held_out_in_one_genre_split(by_genre):
    splits = make_splits(by_genre, "genres", ["all"], seed=0)
    assert [split.name for split in splits] == ["g1", "g2", "g3", "g4", "g5"]
    assert sorted(np.concatenate([split.people for split in splits])) == list(range(40))
    assert {len(split.people) for split in splits} == {8}


def test_a_model_learns_nothing_from_people_who_are_held_out(by_genre):
    everything = by_genre.ratings.matrix().toarray()
    masks = fold_masks(by_genre, 0).values()
    for split, in_test in zip(make_splits(by_genre, "genres", ["all"], seed=0), masks, strict=True):
        known = np.delete(np.arange(40), split.people)
        np.testing.assert_array_equal(split.train.stars.toarray(), by_genre.ratings.matrix(~in_test).toarray()[known])
        np.testing.assert_array_equal(split.test.toarray()[known], 0)
        told, found = split.asks.told.toarray(), split.test.toarray()[split.people]
        assert not ((told > 0) & (found > 0)).any()
        assert set(np.unique((told + found)[(told + found) > 0])) <= set(np.unique(everything))
        np.testing.assert_array_equal(told, by_genre.ratings.matrix(~in_test).toarray()[split.people])


def test_genres_come_from_ratings_that_are_not_to_be_found_and_from_the_others_likes(by_genre):
    [split] = make_splits(by_genre, "genres", ["g2"], seed=3)
    genre_matrix, asks = by_genre.catalog.genre_matrix, split.asks
    reference = genre_shares(split.train.stars, genre_matrix, 4.0)
    n_named = asks.genres.sum(axis=1)
    np.testing.assert_array_equal(asks.genres, stated_genres(asks.told, genre_matrix, reference, n_named, 4.0))
    drawn = np.concatenate([s.asks.genres.sum(axis=1) for s in make_splits(by_genre, "genres", ["all"], seed=3)])
    assert set(drawn) == {1, 2, 3}


def test_candidates_have_a_named_genre_and_are_not_those_that_told_of_it(by_genre):
    [split] = make_splits(by_genre, "genres", ["g1"], seed=0)
    asks, told, genre_matrix = split.asks, split.asks.told.toarray(), by_genre.catalog.genre_matrix
    for person, candidates in enumerate(asks.candidates):
        for item, is_candidate in enumerate(candidates):
            assert is_candidate == ((asks.genres[person] & genre_matrix[item]).any() and told[person, item] == 0)
    np.testing.assert_array_equal(asks.of(slice(2, 5)).candidates, asks.candidates[2:5])


def test_what_is_to_be_found_are_the_fold_s_test_ratings_of_candidates(by_genre):
    [split] = make_splits(by_genre, "genres", ["g4"], seed=0)
    in_test = list(fold_masks(by_genre, 0).values())[3]
    held_out = by_genre.ratings.matrix(in_test).toarray()[split.people]
    np.testing.assert_array_equal(split.test.toarray()[split.people], np.where(split.asks.candidates, held_out, 0))


def test_people_and_their_number_of_genres_hang_on_the_seed_alone(by_genre):
    one, again, other = (make_splits(by_genre, "genres", ["g1"], seed=seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.people, again.people)
    np.testing.assert_array_equal(one.asks.genres, again.asks.genres)
    assert one.people.tolist() != other.people.tolist()


def test_genres_are_refused_where_no_film_has_any(by_genre):
    catalog = replace(by_genre.catalog, genre_names=(), genre_matrix=np.zeros((30, 0), dtype=bool))
    with pytest.raises(DataError, match="by_genre lists no genre of any film, and the protocol genres measures lists"):
        make_splits(replace(by_genre, catalog=catalog), "genres", None, seed=0)


def test_genres_are_refused_where_a_split_would_have_nobody(tiny):
    with pytest.raises(DataError, match="tiny has 4 people; the protocol genres needs 5 or more"):
        make_splits(tiny, "genres", None, seed=0)


@pytest.mark.data
def test_genre_splits_of_movielens_100k_follow_its_official_folds(ml_100k):
    [split] = make_splits(ml_100k, "genres", None, seed=0)
    [fold] = make_splits(ml_100k, "folds", None, seed=0)
    known = np.delete(np.arange(943), split.people)
    assert (len(split.people), split.train.stars.nnz) == (189, fold.train.stars[known].nnz)
    assert split.asks.told.nnz + split.train.stars.nnz == 80_000


@pytest.mark.data
def test_movielens_100k_has_its_official_folds(ml_100k):
    splits = make_splits(ml_100k, "folds", ["all"], seed=0)
    assert [split.name for split in splits] == ["u1", "u2", "u3", "u4", "u5"]
    assert {(split.train.stars.nnz, split.test.nnz) for split in splits} == {(80_000, 20_000)}
    assert (np.diff(splits[0].test.indptr) > 0).sum() == 459


# ---- new users


def test_everybody_is_new_once_and_what_they_tell_and_what_is_found_are_theirs_alone(by_genre):
    everything, seen = by_genre.ratings.matrix().toarray(), np.zeros(by_genre.ratings.n_users, dtype=int)
    splits = make_splits(by_genre, "new-users", ["all"], seed=3)
    assert [split.name for split in splits] == ["n1", "n2", "n3", "n4", "n5"]
    for split in splits:
        seen[split.people] += 1
        known = np.setdiff1d(np.arange(len(seen)), split.people)
        np.testing.assert_array_equal(split.train.stars.toarray(), everything[known])
        told, found = split.histories.stars.toarray(), split.test.toarray()
        np.testing.assert_array_equal(told + found[split.people], everything[split.people])
        assert not np.any((told > 0) & (found[split.people] > 0))
        assert not found[known].any()
        counts = np.count_nonzero(everything[split.people], axis=1)
        np.testing.assert_array_equal(np.count_nonzero(found[split.people], axis=1), counts // 5)
    np.testing.assert_array_equal(seen, 1)


def test_the_seed_moves_who_is_new_and_what_is_found(by_genre):
    first, again, other = (make_splits(by_genre, "new-users", ["n1"], seed=seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.people, again.people)
    np.testing.assert_array_equal(first.test.toarray(), again.test.toarray())
    assert not np.array_equal(first.people, other.people)


def test_new_users_need_five_people(tiny):
    few = tiny.ratings.of_users(tiny.ratings.user_ids[:4])
    with pytest.raises(DataError, match="has 4 people; the protocol new-users needs 5 or more"):
        make_splits(replace(tiny, ratings=few), "new-users", None, seed=0)


# ---- cold items


def test_every_film_is_new_once_and_nobody_has_rated_it(by_genre):
    everything, seen = by_genre.ratings.matrix().toarray(), np.zeros(by_genre.ratings.n_items, dtype=int)
    splits = make_splits(by_genre, "cold-items", ["all"], seed=3)
    assert [split.name for split in splits] == ["c1", "c2", "c3", "c4", "c5"]
    for split in splits:
        seen[split.listed] += 1
        train, found = split.train.stars.toarray(), split.test.toarray()
        assert not train[:, split.listed].any()
        np.testing.assert_array_equal(train[:, ~split.listed], everything[:, ~split.listed])
        np.testing.assert_array_equal(train + found, everything)
        assert len(split.train.films.titles) == len(seen)  # what is known of new films is known to models
    np.testing.assert_array_equal(seen, 1)


def test_the_seed_moves_which_films_are_new(by_genre):
    first, again, other = (make_splits(by_genre, "cold-items", ["c1"], seed=seed)[0].listed for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_cold_items_need_five_films(tiny):
    with pytest.raises(DataError, match="tiny has 3 films; the protocol cold-items needs 5 or more"):
        make_splits(tiny, "cold-items", None, seed=0)


# ---- short histories


def test_the_same_people_tell_more_and_more_and_look_for_the_same(by_genre):
    everything = by_genre.ratings.matrix().toarray()
    splits = make_splits(by_genre, "short-histories", ["all"], seed=3)
    assert [split.name for split in splits] == ["s1", "s2", "s5", "s10", "s20"]
    assert len(splits[0].people) == by_genre.ratings.n_users // 3
    less = np.zeros_like(everything[splits[0].people])
    for split, n_told in zip(splits, (1, 2, 5, 10, 20), strict=True):
        np.testing.assert_array_equal(split.people, splits[0].people)
        np.testing.assert_array_equal(split.test.toarray(), splits[0].test.toarray())
        np.testing.assert_array_equal(split.train.stars.toarray(), np.delete(everything, split.people, axis=0))
        told, untold = split.newcomers.told.stars.toarray(), split.newcomers.untold.toarray()
        found = split.test.toarray()[split.people]
        np.testing.assert_array_equal(told + untold + found, everything[split.people])
        assert ((told > 0).astype(int) + (untold > 0) + (found > 0)).max() == 1
        tellable = np.count_nonzero(everything[split.people] - found, axis=1)
        np.testing.assert_array_equal(np.count_nonzero(told, axis=1), np.minimum(tellable, n_told))
        assert (told[less > 0] == less[less > 0]).all()
        less = told


def test_the_seed_moves_who_tells_few_ratings_and_which(by_genre):
    first, again, other = (make_splits(by_genre, "short-histories", ["s2"], seed=seed)[0] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.people, again.people)
    np.testing.assert_array_equal(first.histories.stars.toarray(), again.histories.stars.toarray())
    assert not np.array_equal(first.people, other.people)


def test_short_histories_need_three_people(tiny):
    few = tiny.ratings.of_users(tiny.ratings.user_ids[:2])
    with pytest.raises(DataError, match="has 2 people; the protocol short-histories needs 3 or more"):
        make_splits(replace(tiny, ratings=few), "short-histories", None, seed=0)


def test_what_is_measured_along_a_number_has_a_table_and_a_picture(tmp_path):
    runs = [replace(small_outcome(model), split=split) for model in ("ease", "popularity") for split in ("s5", "s1")]
    report = replace(small_report(tmp_path, *runs[:-1]), protocol="short-histories")
    lists, stars = tables_along(report)
    assert lists.title == "nDCG@2 by ratings that each person tells (higher is better)"
    assert stars.title == "RMSE by ratings that each person tells (lower is better)"
    assert lists.headings == ("model", "1", "5")
    assert [[cell.text for cell in row] for row in lists.rows] == [
        ["ease", "0.5000 ±0.0000", "0.5000 ±0.0000"],
        ["popularity", "–", "0.5000 ±0.0000"],
    ]
    draw_along(tmp_path / "along.png", report)
    assert (tmp_path / "along.png").stat().st_size > 1000
    assert tables_along(replace(report, protocol="folds")) == []
    assert tables_along(replace(report, outcomes=tuple(runs[:1]))) == []


# ---- time


def test_the_last_fifth_of_the_time_is_the_test(by_genre):
    ratings = by_genre.ratings
    clock = np.random.default_rng(0).permutation(ratings.n_ratings) // 2  # two in every second
    clock[ratings.user_idx == 7] = 10**6  # who came when all others had rated
    dataset = replace(by_genre, ratings=replace(ratings, timestamp=clock))
    [split] = make_splits(dataset, "time", None, seed=0)
    order = sorted(range(ratings.n_ratings), key=lambda place: (clock[place], ratings.row[place]))
    n_test = round(0.2 * ratings.n_ratings)
    latest = np.isin(np.arange(ratings.n_ratings), order[-n_test:])
    np.testing.assert_array_equal(split.train.stars.toarray(), ratings.matrix(~latest).toarray())
    expected = ratings.matrix(latest).toarray()
    assert expected[7].any()
    expected[7] = 0
    np.testing.assert_array_equal(split.test.toarray(), expected)
    assert split.train.times.max() <= clock[order[-n_test]]


def test_where_nobody_comes_back_there_is_no_test_by_time(by_genre, monkeypatch):
    ratings = by_genre.ratings.of_users(by_genre.ratings.user_ids[:6])
    one_after_the_other = replace(by_genre, ratings=replace(ratings, timestamp=ratings.user_idx))
    monkeypatch.setattr("eval.protocols.time.TEST_SHARE", np.mean(ratings.user_idx == 5))
    with pytest.raises(DataError, match="nobody who rated both in the last fifth of the time and before"):
        make_splits(one_after_the_other, "time", None, seed=0)


# ---- cross domain


def test_everybody_is_new_once_to_thrillers_without_drama(by_genre):
    everything, seen = by_genre.ratings.matrix().toarray(), np.zeros(40, dtype=int)
    has = {name: np.array([name in each for each in by_genre.catalog.genres]) for name in ("Drama", "Thriller")}
    is_target = has["Thriller"] & ~has["Drama"]
    splits = make_splits(by_genre, "cross-domain", ["all"], seed=3)
    assert [split.name for split in splits] == ["d1", "d2", "d3", "d4", "d5"]
    for split in splits:
        train, found = split.train.stars.toarray(), split.test.toarray()
        is_new = found.any(axis=1)
        seen += is_new
        np.testing.assert_array_equal(split.listed, is_target)
        np.testing.assert_array_equal(train + found, everything)
        assert not train[np.ix_(is_new, is_target)].any()
        assert not found[:, ~is_target].any()
        assert train[~is_new][:, is_target].any()
    np.testing.assert_array_equal(seen, everything[:, is_target].any(axis=1))


def test_the_seed_moves_who_is_new_to_a_domain(by_genre):
    first, again, other = (make_splits(by_genre, "cross-domain", ["d1"], seed=seed)[0].test for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.toarray(), again.toarray())
    assert not np.array_equal(first.toarray(), other.toarray())


def test_cross_domain_needs_films_of_both_and_five_people(by_genre, tiny):
    with pytest.raises(DataError, match="tiny has no films of .* alone; the protocol cross-domain asks"):
        make_splits(tiny, "cross-domain", None, seed=0)
    few = by_genre.ratings.of_users(by_genre.ratings.user_ids[:4])
    with pytest.raises(DataError, match="has 4 people; the protocol cross-domain needs 5 or more"):
        make_splits(replace(by_genre, ratings=few), "cross-domain", None, seed=0)
