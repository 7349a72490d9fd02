"""Posters on disk: what is kept, for how long, and how much of it."""

import os

import pytest

from recsys.serve.posters.cache import BLOCK, DAY, NONE, NONE_DAYS, PICTURE_DAYS, PosterCache, trim
from tests.support.loopback_tmdb import JPEG

START = 1_700_000_000.0


@pytest.fixture
def clock():
    return [START]


@pytest.fixture
def cache(tmp_path, clock):
    return PosterCache(tmp_path / "some" / "posters", clock=lambda: clock[0])


def test_what_is_kept_is_found_by_another_process_too(cache):
    assert cache.find("a") is None
    cache.keep("a", JPEG)
    cache.keep("b", None)
    for reader in (cache, PosterCache(cache.folder, clock=lambda: START + 1)):
        assert reader.find("a").picture == JPEG
        assert reader.find("b") == NONE
        assert reader.find("c") is None


@pytest.mark.parametrize(("picture", "days"), [(JPEG, PICTURE_DAYS), (None, NONE_DAYS)])
def test_nothing_is_kept_for_longer_than_it_may_be(cache, clock, picture, days):
    cache.keep("a", picture)
    clock[0] = START + days * DAY - 1
    assert cache.find("a") is not None
    clock[0] = START + days * DAY + 1
    assert cache.find("a") is None


def test_that_there_is_none_can_be_kept_for_less(cache, clock):
    cache.keep("a", None, days=1)
    assert cache.find("a") == NONE
    clock[0] = START + DAY + 1
    assert cache.find("a") is None


def test_a_damaged_file_counts_as_none_at_all(cache):
    cache.keep("a", JPEG)
    (cache.folder / "a.poster").write_bytes(b"<script>")
    assert cache.find("a") is None


def test_a_folder_in_place_of_a_file_is_no_poster_and_leaves_no_draft(cache):
    (cache.folder / "a.poster" / "x").mkdir(parents=True)
    assert cache.find("a") is None
    with pytest.raises(OSError, match="directory"):
        cache.keep("a", JPEG)
    assert [path.name for path in cache.folder.iterdir()] == ["a.poster"]


def test_the_oldest_go_once_there_is_too_much(tmp_path):
    for number in range(10):
        path = tmp_path / f"{number}.poster"
        path.write_bytes(bytes(2 * BLOCK) if number % 2 else b"")
        os.utime(path, (START + number, START + number))
    total = 5 * BLOCK + 5 * 2 * BLOCK
    trim(tmp_path, total)
    assert len([*tmp_path.iterdir()]) == 10
    trim(tmp_path, total - 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{number}.poster" for number in range(2, 10)]


def test_it_is_trimmed_while_it_is_written(tmp_path):
    cache = PosterCache(tmp_path, most_bytes=8 * BLOCK)
    for number in range(300):
        cache.keep(str(number), JPEG)
    assert len([*tmp_path.iterdir()]) <= 8 + 64
