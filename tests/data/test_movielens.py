import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from recsys.data.movielens import load_dataset
from recsys.data.scale import HALF_STARS, WHOLE_STARS
from recsys.data.sources.cache import sha256_of
from recsys.data.sources.names import NAMES
from recsys.data.sources.published import ML_100K_SHA256
from recsys.errors import DataError
from tests.support.data_folders import lines, write_csv, write_double_colon, write_tabbed

WRITERS = {"u.data": write_tabbed, "ratings.dat": write_double_colon, "ratings.csv": write_csv}
every_format = pytest.mark.parametrize("file", WRITERS)


@every_format
def test_a_folder_is_loaded_whatever_its_format(tmp_path, file):
    data = load_dataset(WRITERS[file](tmp_path / "my-films"), min_ratings=1)
    assert data.name == "my-films"
    assert data.sha256 == sha256_of(tmp_path / "my-films" / file)
    assert data.source == f"my-films was read from the folder {tmp_path / 'my-films'}."
    assert data.ratings.scale == (HALF_STARS if file == "ratings.csv" else WHOLE_STARS)
    assert not data.official_folds
    np.testing.assert_array_equal(data.catalog.item_ids, data.ratings.item_ids)


def test_people_without_complete_demographics_go_and_the_rest_are_aligned(tmp_path):
    data = load_dataset(write_tabbed(tmp_path), min_ratings=1)
    assert data.ratings.user_ids.tolist() == data.users.index.tolist() == [2, 5, 7]
    assert data.users.age.tolist() == [24, 53, 7]
    assert data.users.age.dtype == np.int64
    assert data.cleaning.incomplete_demographics == 1
    assert data.ratings.row.tolist() == [0, 1, 2, 4, 5]


def test_films_that_only_dropped_people_rated_leave_the_catalog(tmp_path):
    ratings = write_csv(tmp_path) / "ratings.csv"
    ratings.write_text(ratings.read_text().replace("\n5,20,", "\n5,10,"))
    data = load_dataset(tmp_path, min_ratings=2)
    assert data.ratings.user_ids.tolist() == [5, 7]
    assert data.catalog.item_ids.tolist() == [10, 30]
    assert [data.catalog.display_title(idx) for idx in range(2)] == ["Le Café (1995)", "Plain"]
    assert data.users is None


@every_format
@pytest.mark.parametrize("blank", ["", "\n\n"])
def test_refuses_an_empty_ratings_file(tmp_path, file, blank):
    ratings = WRITERS[file](tmp_path) / file
    ratings.write_text("userId,movieId,rating,timestamp" + blank if file == "ratings.csv" else blank)
    with pytest.raises(DataError, match=f"{file} holds no ratings; expected one line per rating"):
        load_dataset(tmp_path)


@every_format
def test_progress_tells_when_reading_starts_and_ends(tmp_path, file):
    steps = []
    load_dataset(WRITERS[file](tmp_path), min_ratings=1, on_progress=lambda *step, **_: steps.append(step))
    assert steps == [("read", 0, 1), ("read", 1, 1)]


def append(path, line):
    path.write_bytes(path.read_bytes() + lines(line))


def test_refuses_a_film_that_the_films_table_lacks(tmp_path):
    append(write_tabbed(tmp_path) / "u.data", "2\t99\t3\t5")
    message = "u.data line 7: film 99 has no line in u.item; so it is with 1 of 4 films. Add them there, or delete"
    with pytest.raises(DataError, match=message):
        load_dataset(tmp_path, min_ratings=1)


def test_refuses_a_user_that_the_users_table_lacks(tmp_path):
    append(write_double_colon(tmp_path) / "ratings.dat", "99::10::3::5")
    with pytest.raises(
        DataError, match="ratings.dat line 7: user 99 has no line in users.dat; so it is with 1 of 5 users"
    ):
        load_dataset(tmp_path, min_ratings=1)


def test_refuses_half_stars_in_the_tabbed_format(tmp_path):
    append(write_tabbed(tmp_path) / "u.data", "2\t30\t3.5\t5")
    with pytest.raises(DataError, match="u.data line 7: stars is 3.5; expected 1 to 5 stars in steps of 1"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("stars", ["0", "5.5", "-1", "0.25", "nan", "inf"])
def test_refuses_a_rating_off_the_scale_and_counts_the_header_as_line_1(tmp_path, stars):
    append(write_csv(tmp_path) / "ratings.csv", f"2,30,{stars},5")
    with pytest.raises(DataError, match="ratings.csv line 8: stars is (.*); expected (0.5 to 5 stars|a number)"):
        load_dataset(tmp_path)


def test_a_repeated_pair_is_refused_or_the_latest_kept(tmp_path):
    append(write_csv(tmp_path) / "ratings.csv", "2,10,4.5,900")
    with pytest.raises(DataError, match=r"1 of 6 .* repeats; the first is line 8: \(2, 10\)\. .*--on-duplicate latest"):
        load_dataset(tmp_path, min_ratings=1)
    ratings = load_dataset(tmp_path, min_ratings=1, on_duplicate="latest").ratings
    assert ratings.row.tolist() == [0, 1, 3, 4, 5, 6]
    assert ratings.stars[-1] == 4.5


def test_refuses_an_unknown_name_and_suggests_one_alike():
    with pytest.raises(
        DataError, match=r"is called 'ml100k'; expected one of ml-100k, .*ml-32m, or a folder. Did you mean ml-100k\?"
    ):
        load_dataset("ml100k")


def test_refuses_a_name_like_no_other_without_a_suggestion():
    with pytest.raises(DataError, match=r"or a folder\.$"):
        load_dataset("/no/such/place")


def test_refuses_a_file_where_a_folder_is_needed(tmp_path):
    (tmp_path / "ratings.csv").touch()
    with pytest.raises(DataError, match="ratings.csv is a file; expected a folder"):
        load_dataset(tmp_path / "ratings.csv")


def test_the_names_are_had_without_pandas():
    code = (
        "import sys; from recsys.data.sources.names import NAMES; assert 'pandas' not in sys.modules; print(len(NAMES))"
    )
    root = Path(__file__).parents[2]
    listed = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert listed.stdout == "7\n"
    assert len(NAMES) == 7


@pytest.mark.data
def test_movielens_100k_is_what_was_published(ml_100k):
    assert ml_100k.sha256 == ML_100K_SHA256
    assert ml_100k.name == "ml-100k"
    assert (ml_100k.ratings.n_users, ml_100k.ratings.n_items, ml_100k.ratings.n_ratings) == (943, 1682, 100_000)
    assert ml_100k.ratings.scale == WHOLE_STARS
    assert ml_100k.official_folds
    np.testing.assert_array_equal(ml_100k.ratings.row, np.arange(100_000))
    np.testing.assert_array_equal(ml_100k.ratings.user_ids, np.arange(1, 944))
    np.testing.assert_array_equal(ml_100k.ratings.item_ids, np.arange(1, 1683))


@pytest.mark.data
def test_nobody_in_movielens_100k_is_dropped(ml_100k):
    assert ml_100k.cleaning.sentence() == (
        "Cleaning kept all 943 users, 1,682 films and 100,000 ratings: nobody has fewer than 20 ratings or incomplete "
        "demographics."
    )
    assert ml_100k.users.notna().all(axis=None)
    assert ml_100k.users.gender.value_counts().to_dict() == {"M": 670, "F": 273}
    assert (ml_100k.users.age.min(), ml_100k.users.age.max()) == (7, 73)


@pytest.mark.data
def test_films_of_movielens_100k(ml_100k):
    catalog = ml_100k.catalog
    shown = {item_id: catalog.display_title(item_id - 1) for item_id in (50, 12, 267, 543, 1412)}
    assert shown == {
        50: "Star Wars (1977)",
        12: "The Usual Suspects (1995)",
        267: "unknown",
        543: "Les Misérables (1995)",
        1412: "Land Before Time III: The Time of the Great Giving (1995)",
    }
    assert (catalog.year[266], catalog.genres[266]) == (None, ())
    assert len(catalog.genre_names) == 18
    assert catalog.genre_matrix.sum(axis=0)[catalog.genre_names.index("Drama")] == 725
    assert [year for year in catalog.year if year is None] == [None]


@pytest.mark.data
def test_18_titles_of_movielens_100k_occur_under_two_ids(ml_100k):
    first = ml_100k.catalog.first_with_same_title
    assert (first != np.arange(1682)).sum() == 18
    assert np.bincount(first).max() == 2


@pytest.mark.data
def test_official_folds_need_every_row_of_movielens_100k(ml_100k):
    folder = Path(ml_100k.source.rpartition("cache, ")[2].rstrip("."))
    own = load_dataset(folder)
    assert own.official_folds
    assert own.source.startswith("ml-100k was read from the folder")
    assert not load_dataset(folder, min_ratings=21).official_folds


def test_ml_latest_small_has_half_stars_and_nobody_is_dropped(latest_small):
    data = load_dataset(latest_small)
    assert (data.ratings.n_users, data.ratings.n_items, data.ratings.n_ratings) == (671, 9066, 100_004)
    assert data.ratings.scale == HALF_STARS
    assert (data.users, data.official_folds) == (None, False)
    assert data.cleaning.n_users_before == 671
    assert data.catalog.genre_matrix.shape == (9066, 19)
    titles = {data.catalog.display_title(item_idx) for item_idx in range(data.catalog.n_items)}
    assert {"The Lord of the Rings: The Fellowship of the Ring (2001)", "Hyena Road"} <= titles
