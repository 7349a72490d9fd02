"""A ratings file is read in pieces: whatever their size, what is read of it and what is said of it is the same."""

import hashlib
import io
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.data.movielens import Dataset, load_dataset
from recsys.data.reading import ratings_file
from recsys.data.reading.formats import read_folder
from recsys.data.reading.pieces import Digesting, joined
from recsys.errors import DataError
from tests.support.data_folders import write_csv, write_double_colon, write_tabbed

FILES = {"u.data": (write_tabbed, "\t"), "ratings.dat": (write_double_colon, "::"), "ratings.csv": (write_csv, ",")}
ODD = ("", " ", "five", "4,5", "inf", "nan", "99999999999999999999", "-3", " 7 ", '"4"', '"4', "7", "3.7", "1e300", "½")
ODD_LINES = ("", "1", "1,2,3,4,5", "1::2::3::4::5", "\t", "7,30,4.5,100", "7::30::5::100", "7\t30\t5\t100")
wide = st.sampled_from([0, 1, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1])


def told(folder) -> str:
    """What is read of a folder, or what is said of it."""
    try:
        return read_of(load_dataset(folder, min_ratings=1))
    except DataError as refusal:
        return str(refusal)


def read_of(dataset: Dataset) -> str:
    ratings = dataset.ratings
    columns = (ratings.user_idx, ratings.item_idx, ratings.stars, ratings.timestamp, ratings.user_ids, ratings.item_ids)
    return repr([dataset.sha256, *(column.tolist() for column in columns)])


def told_in_pieces(folder, monkeypatch) -> set[str]:
    found = set()
    for n_rows in (1, 4, 1000):
        monkeypatch.setattr(ratings_file, "CHUNK", n_rows)
        found.add(told(folder))
    return found


@pytest.mark.parametrize("file", FILES)
def test_the_size_of_pieces_changes_nothing(file, tmp_path, monkeypatch):
    FILES[file][0](tmp_path)
    assert len(told_in_pieces(tmp_path, monkeypatch)) == 1


@pytest.mark.parametrize("file", FILES)
def test_nor_does_it_change_what_is_said_of_a_broken_cell(file, tmp_path, monkeypatch):
    write, separator = FILES[file]
    path = write(tmp_path) / file
    lines = path.read_text().splitlines()
    for place, text in product((0, 2), ODD):
        fields = lines[-1].split(separator)
        fields[place] = text
        path.write_text("\n".join([*lines[:-1], separator.join(fields), ""]))
        said = told_in_pieces(tmp_path, monkeypatch)
        assert len(said) == 1, (place, text, said)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("line", ODD_LINES)
def test_nor_what_is_said_of_a_broken_line(file, line, tmp_path, monkeypatch):
    path = FILES[file][0](tmp_path) / file
    lines = path.read_text().splitlines()
    for at in (1, 4, len(lines)):
        path.write_text("\n".join([*lines[:at], line, *lines[at:], ""]))
        said = told_in_pieces(tmp_path, monkeypatch)
        assert len(said) == 1, (at, said)


def test_the_digest_is_that_of_the_file(tmp_path):
    for file, (write, _) in FILES.items():
        tables = read_folder(write(tmp_path / file))
        assert tables.sha256 == hashlib.sha256((tmp_path / file / file).read_bytes()).hexdigest()


def test_a_digest_is_of_what_was_read(tmp_path):
    (tmp_path / "long").write_bytes(bytes(range(256)) * 5000)
    with Digesting(tmp_path / "long") as source, io.BufferedReader(source) as stream:
        assert stream.read() == (tmp_path / "long").read_bytes()
        assert source.sha256 == hashlib.sha256((tmp_path / "long").read_bytes()).hexdigest()


def test_ratings_that_are_taken_are_gone(tmp_path):
    tables = read_folder(write_csv(tmp_path))
    assert len(tables.take_ratings()) == 6
    assert len(tables.ratings) == 0


@given(pieces=st.lists(st.lists(wide, min_size=1, max_size=4), min_size=1, max_size=6))
def test_a_table_of_pieces_is_the_whole_in_the_narrowest_type_that_holds_it(pieces):
    table = joined(pd.DataFrame({"id": np.array(piece, dtype=np.int64)}) for piece in pieces)
    whole = [number for piece in pieces for number in piece]
    assert table["id"].tolist() == whole
    assert table["id"].dtype == (np.int32 if min(whole) >= -(2**31) and max(whole) < 2**31 else np.int64)
