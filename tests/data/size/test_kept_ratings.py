"""Ratings that are kept as they were read: used for the same bytes alone, and for nothing that is damaged or older."""

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from recsys.data.movielens import load_dataset
from recsys.data.reading.formats import format_of
from recsys.data.reading.ratings_file import read_ratings
from recsys.data.sources import kept_ratings
from recsys.data.sources.cache import SUMS, write_sums
from recsys.data.sources.kept_ratings import FACTS, KEEP_VARIABLE, MOST_KEPT, KeptRatings, place_of
from recsys.errors import DataError
from tests.support.data_folders import write_csv, write_double_colon, write_tabbed

FILES = {"u.data": write_tabbed, "ratings.dat": write_double_colon, "ratings.csv": write_csv}


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """A folder for downloads; files of any size are worth keeping there."""
    monkeypatch.setattr(kept_ratings, "WORTH_KEEPING", 0)
    monkeypatch.delenv(KEEP_VARIABLE, raising=False)
    return tmp_path / "cache"


@pytest.fixture
def n_reads(monkeypatch) -> list[Path]:
    """The files whose lines were read, in order."""
    found: list[Path] = []

    def counted(path, layout):
        found.append(path)
        return read_ratings(path, layout)

    monkeypatch.setattr(kept_ratings, "read_ratings", counted)
    return found


def read(path: Path, cache: Path) -> list[tuple]:
    """Rows by way of what is kept; they and the digest are those of the file itself."""
    layout = format_of(path.parent).ratings
    found, expected = KeptRatings.within(cache).read(path, layout), read_ratings(path, layout)
    assert found.table.equals(expected.table)
    assert found.table.dtypes.equals(expected.table.dtypes)
    assert found.sha256 == expected.sha256
    return [*found.table.itertuples(index=False, name=None)]


def kept_in(cache: Path) -> list[Path]:
    return sorted((cache / "kept-ratings").iterdir())


@pytest.mark.parametrize("file", FILES)
def test_lines_are_read_once(file, tmp_path, cache, n_reads):
    path = FILES[file](tmp_path / "films") / file
    assert read(path, cache) == read(path, cache)
    assert n_reads == [path]


def test_a_data_set_is_the_same_by_what_is_kept_and_its_memory_its_own(tmp_path, cache, n_reads):
    folder = write_csv(tmp_path / "films")
    first, second = (load_dataset(folder, cache=cache, min_ratings=1) for _ in range(2))
    assert len(n_reads) == 1
    assert (first.sha256, first.cleaning, first.source) == (second.sha256, second.cleaning, second.source)
    for name in ("user_idx", "item_idx", "stars", "timestamp", "row", "user_ids", "item_ids"):
        np.testing.assert_array_equal(getattr(first.ratings, name), getattr(second.ratings, name))
    assert second.ratings.stars.flags.writeable


def test_a_copy_elsewhere_needs_no_reading(tmp_path, cache, n_reads):
    rows = read(write_csv(tmp_path / "films") / "ratings.csv", cache)
    assert read(write_csv(tmp_path / "others") / "ratings.csv", cache) == rows
    assert len(n_reads) == 1


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_nobody_else_can_read_what_is_kept(tmp_path, cache):
    read(write_csv(tmp_path / "films") / "ratings.csv", cache)
    assert [place.stat().st_mode & 0o077 for place in kept_in(cache)] == [0]


def test_a_file_of_the_same_name_size_and_time_is_read_if_it_is_another(tmp_path, cache, n_reads):
    path = write_csv(tmp_path / "films") / "ratings.csv"
    before, stat = read(path, cache), path.stat()
    path.write_bytes(path.read_bytes().replace(b"7,30,4.5,100", b"7,30,0.5,100"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (stat.st_size, stat.st_mtime_ns)
    assert read(path, cache) != before
    assert len(n_reads) == len(kept_in(cache)) == 2


def test_the_same_bytes_in_another_format_are_read_in_theirs(tmp_path, cache, n_reads):
    (tmp_path / "tabs").mkdir()
    (tmp_path / "colons").mkdir()
    for path in (tmp_path / "tabs/u.data", tmp_path / "colons/ratings.dat"):
        path.write_text("1::10\t2\t3\t4::x\n1\t20\t3\t5\n" if path.name == "u.data" else "1::10::3::4\n")
    read(tmp_path / "colons/ratings.dat", cache)
    (tmp_path / "tabs/u.data").write_bytes((tmp_path / "colons/ratings.dat").read_bytes())
    with pytest.raises(DataError, match=r"u.data line 1 has 1 fields"):
        KeptRatings.within(cache).read(tmp_path / "tabs/u.data", format_of(tmp_path / "tabs").ratings)
    assert len(n_reads) == 2


def replaced(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def pickled(place: Path) -> None:
    np.save(place / "stars.npy", np.array([print], dtype=object), allow_pickle=True)
    (place / SUMS).unlink()
    write_sums(place)


def of_another_length(place: Path) -> None:
    np.save(place / "stars.npy", np.ones(5, dtype=np.float32))
    (place / SUMS).unlink()
    write_sums(place)


def with_facts(place: Path, **facts: object) -> None:
    (place / FACTS).write_text(json.dumps(json.loads((place / FACTS).read_text()) | facts))
    (place / SUMS).unlink()
    write_sums(place)


DAMAGE = {
    "a column cut off": lambda place: os.truncate(place / "stars.npy", 20),
    "another number": lambda place: (place / "stars.npy").write_bytes((place / "stars.npy").read_bytes()[:-1] + b"!"),
    "a column gone": lambda place: (place / "timestamp.npy").unlink(),
    "no digests": lambda place: (place / SUMS).unlink(),
    "digests cut off": lambda place: (place / SUMS).write_text((place / SUMS).read_text().split("\n")[0] + "\n"),
    "no facts": lambda place: (place / FACTS).unlink(),
    "facts that are none": lambda place: (place / FACTS).write_text("[1"),
    "facts of another kind": lambda place: (place / FACTS).write_text("[]"),
    "an older version": lambda place: with_facts(place, version=0),
    "of another file": lambda place: with_facts(place, sha256="0" * 64),
    "a pickle": pickled,
    "another length": of_another_length,
    "nothing at all": lambda place: [part.unlink() for part in place.iterdir()],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_damaged_or_older_is_told_in_a_sentence_and_made_again(damage, tmp_path, cache, n_reads, caplog):
    path = write_csv(tmp_path / "films") / "ratings.csv"
    rows = read(path, cache)
    [place] = kept_in(cache)
    DAMAGE[damage](place)
    assert read(path, cache) == rows
    [told] = [record.getMessage() for record in caplog.records]
    assert told.startswith(f"What is kept of ratings.csv in {place} is not used (")
    assert told.endswith("); the file is read again.")
    assert read(path, cache) == rows
    assert n_reads == [path, path]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("rows", [("9,10,5.5,1",), ("2,10,4.5,900",), ("7,99,3,1",), ()])
def test_what_is_said_of_ratings_is_the_same_by_what_is_kept(rows, tmp_path, cache, n_reads):
    path = write_csv(tmp_path / "films") / "ratings.csv"
    path.write_text("\n".join(["userId,movieId,rating,timestamp", *rows, ""]) if not rows else path.read_text())
    with path.open("a") as stream:
        stream.writelines(f"{row}\n" for row in rows)
    said = set()
    for _ in range(2):
        with pytest.raises(DataError) as refusal:
            load_dataset(path.parent, cache=cache, min_ratings=1)
        said.add(str(refusal.value))
    assert len(said) == len(n_reads) == 1


@pytest.mark.parametrize("end", ["\n", ""])
def test_a_file_whose_first_line_has_no_time_is_refused_as_ever(end, tmp_path, cache, n_reads):
    path = write_double_colon(tmp_path / "films") / "ratings.dat"
    first, *rest = path.read_text().splitlines()
    path.write_text("\n".join([first.rpartition("::")[0], *rest]) + end)
    for _ in range(2):
        with pytest.raises(DataError, match="ratings.dat line 1: timestamp is empty; expected a whole number. 6 of 6"):
            load_dataset(path.parent, cache=cache, min_ratings=1)
    assert len(n_reads) == 2


def test_a_file_that_changes_while_it_is_read_is_not_kept(tmp_path, cache, monkeypatch):
    path = write_csv(tmp_path / "films") / "ratings.csv"

    def interrupted(path, layout):
        found = read_ratings(path, layout)
        path.write_bytes(path.read_bytes() + b"\n")
        return found

    monkeypatch.setattr(kept_ratings, "read_ratings", interrupted)
    KeptRatings.within(cache).read(path, format_of(path.parent).ratings)
    assert not cache.exists()


def test_nothing_is_kept_where_a_variable_says_so_and_what_is_kept_is_not_asked(tmp_path, cache, n_reads, monkeypatch):
    path = write_csv(tmp_path / "films") / "ratings.csv"
    for said in ("false", "False"):
        monkeypatch.setenv(KEEP_VARIABLE, said)
        KeptRatings.within(cache).read(path, format_of(path.parent).ratings)
    assert not cache.exists()
    for said in ("", "true"):
        monkeypatch.setenv(KEEP_VARIABLE, said)
        read(path, cache)
    assert len(kept_in(cache)) == 1
    assert len(n_reads) == 3
    monkeypatch.setenv(KEEP_VARIABLE, "fasle")
    with pytest.raises(DataError, match="MOVIE_VAE_KEEP_RATINGS is 'fasle'; expected true or false"):
        load_dataset(path.parent, cache=cache)


def test_small_files_are_not_kept(tmp_path, cache, monkeypatch):
    monkeypatch.undo()
    load_dataset(write_csv(tmp_path / "films"), cache=cache, min_ratings=1)
    assert not cache.exists()


def test_a_full_disk_is_told_in_a_sentence(tmp_path, cache, monkeypatch, caplog):
    monkeypatch.setattr("recsys.data.sources.cache.shutil.disk_usage", lambda _: SimpleNamespace(free=3))
    read(write_csv(tmp_path / "films") / "ratings.csv", cache)
    assert kept_in(cache) == []
    [told] = [record.getMessage() for record in caplog.records]
    assert told.startswith(
        "The ratings of ratings.csv are not kept for the next start: 0 MB are to be written, and 0 MB "
    )


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path, cache, caplog):
    cache.write_text("a file where the folder should be")
    read(write_csv(tmp_path / "films") / "ratings.csv", cache)
    assert "are not kept for the next start: " in caplog.text


def test_what_was_not_used_for_longest_goes_first_and_nothing_else_does(tmp_path, cache, n_reads):
    path = write_csv(tmp_path / "films") / "ratings.csv"
    (cache / "kept-ratings" / "my own").mkdir(parents=True)
    whole = path.read_bytes()
    for number in range(MOST_KEPT + 1):
        path.write_bytes(whole + f"99,10,4.0,{number}\n".encode())
        read(path, cache)
        layout = format_of(path.parent).ratings
        os.utime(place_of(cache / "kept-ratings", path, read_ratings(path, layout).sha256), (number, number))
        if number == MOST_KEPT - 1:
            path.write_bytes(whole + b"99,10,4.0,0\n")
            read(path, cache)  # is used, and so young again
    assert len(kept_in(cache)) == MOST_KEPT + 1
    assert (cache / "kept-ratings" / "my own").is_dir()
    path.write_bytes(whole + b"99,10,4.0,0\n")
    read(path, cache)
    assert len(n_reads) == MOST_KEPT + 1
    path.write_bytes(whole + b"99,10,4.0,1\n")
    read(path, cache)
    assert len(n_reads) == MOST_KEPT + 2


def test_who_reads_at_once_and_finds_damage_at_once_reads_right(tmp_path, cache):
    path = write_csv(tmp_path / "films") / "ratings.csv"
    layout = format_of(path.parent).ratings
    expected = read_ratings(path, layout)

    def ask(turn: int) -> bool:
        if turn % 5 == 4:
            shutil.rmtree(place_of(cache / "kept-ratings", path, expected.sha256), ignore_errors=True)
        found = KeptRatings.within(cache).read(path, layout)
        return found.table.equals(expected.table) and found.sha256 == expected.sha256

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(60)))
    assert len(kept_in(cache)) <= 1
