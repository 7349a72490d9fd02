"""Features of films from files in the forms of MMTF-14K and M3L-10M: small, made up."""

import json
from pathlib import Path

import numpy as np
import pytest

from recsys.data.interactions import FilmFacts
from recsys.data.movielens import load_dataset
from recsys.errors import DataError
from tests.support.data_folders import lines, write_csv, write_tabbed

TRAILERS = "Visual/Aesthetic features/Avg/AestheticFeatures - AVG - All"
SOUND = lines("movieId,f1,f2,f3", "10,0.5,-1e-3,2", "999,1,2,3", "30,inf,,4")
MOVIES = lines("movieId,title,genres", '71,"Café, Le (1995)",Comedy', "72,Made for Home (1996),Comedy", "73,Other,War")


def put(data: Path, name: str, content: bytes) -> Path:
    """A file below the folder of features."""
    path = data / "features" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def loaded(data: Path) -> dict[str, np.ndarray]:
    return load_dataset(data, min_ratings=1).features


def as_json(**films: object) -> bytes:
    return json.dumps(films).encode()


@pytest.fixture
def data(tmp_path):
    """A data set with the films 10, 20 and 30."""
    return write_csv(tmp_path / "mine")


def test_a_data_set_without_files_has_no_features(data):
    assert loaded(data) == {}


def test_features_of_trailers_are_read_as_mmtf_14k_has_them_whatever_the_depth(data):
    """What is empty or infinite is not known, nor are films that are not in the file; others' films are left out."""
    put(data, f"{TRAILERS}.csv", SOUND)
    found = loaded(data)
    assert list(found) == [TRAILERS]
    nothing = np.nan
    np.testing.assert_array_equal(found[TRAILERS], [[0.5, -1e-3, 2], [nothing] * 3, [nothing, nothing, 4]])


def test_features_of_plots_are_read_as_m3l_has_them_in_one_file_or_in_one_for_each_film(data):
    put(data, "text_mpnet.json", as_json(**{"30": [1, 2.5], "10": [0.25, None]}))
    put(data, "1_text_feat/clip-text/20.json", as_json(**{"20": [7, 8, 9]}))
    put(data, "1_text_feat/clip-text/10.json", as_json(**{"10": [4, 5, 6]}))
    found = loaded(data)
    nothing = np.nan
    np.testing.assert_array_equal(found["text_mpnet"], [[0.25, nothing], [nothing, nothing], [1, 2.5]])
    np.testing.assert_array_equal(found["1_text_feat/clip-text"], [[4, 5, 6], [7, 8, 9], [nothing] * 3])


def test_films_that_are_numbered_otherwise_are_found_by_title_and_year(tmp_path):
    data = write_tabbed(tmp_path / "old")
    put(data, "audio_ast.json", as_json(**{"72": [1.0], "71": [2.0], "73": [3.0]}))
    with pytest.raises(DataError, match=r"has no movies.csv, and this format numbers films otherwise"):
        load_dataset(data, min_ratings=1)
    put(data, "movies.csv", MOVIES)
    np.testing.assert_array_equal(loaded(data)["audio_ast"][[0, 2]], [[2.0], [1.0]])


def test_models_are_told_of_them(data):
    put(data, "sound.csv", SOUND)
    dataset = load_dataset(data, min_ratings=1)
    films = dataset.interactions().films
    assert films.tables is dataset.features
    assert FilmFacts.of(dataset.catalog).tables == {}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", lines("id,f1", "10,2"), r"a.csv line 1 is 'id,f1'; expected movieId and names of features"),
        ("a.csv", b"", "a.csv line 1 is 'empty'; expected movieId"),
        ("a.csv", lines("movieId,f1"), "a.csv holds no film; expected NAME.csv with a column movieId"),
        ("a.csv", lines("movieId,f1", "10,2,3"), "a.csv line 2 has 3 fields; expected 2"),
        ("a.csv", lines("movieId,f1", "10,2", "x,3"), "a.csv line 3: the film's number is 'x'; expected a"),
        ("a.csv", lines("movieId,f1", "10,blue"), "a.csv line 2: a feature is 'blue'; expected a number, or nothing"),
        ("a.csv", lines("movieId,f1", "10,1", "10,2"), "a.csv line 3: film 10 comes again; expected each film once"),
        ("a.csv", lines("movieId,f1", "77,1"), "features of 1 films, none of which is in the data set; its first is"),
        ("a.json", b"{", "a.json is not JSON: Expecting property name"),
        ("a.json", b"[" * 100_000, "a.json is not JSON: "),
        ("a.json", b"[1, 2]", "a.json holds no object; expected a list of numbers by each film's number"),
        ("a.json", as_json(Up=[1]), "a.json names the film 'Up'; expected its number"),
        ("a.json", as_json(**{"10": 3}), "a.json: film 10 has no list of numbers; expected one"),
        ("a.json", as_json(**{"10": [True]}), "a.json: film 10 has no list of numbers; expected one"),
        ("a.json", as_json(**{"10": [1], "20": [1, 2]}), "a.json: film 20 has 2 features; expected 1, as the films"),
        ("a.json", as_json(**{"10": []}), "a.json: film 10 has 0 features; expected some"),
        ("vit.npy", b"", "vit.npy does not say which films it is of; expected NAME.csv"),
    ],
)
def test_files_that_are_no_features_are_refused_in_a_sentence(data, name, content, message):
    put(data, name, content)
    with pytest.raises(DataError, match=message):
        load_dataset(data, min_ratings=1)


def test_features_none_of_whose_films_have_a_title_of_the_data_set_are_refused(data):
    put(data, "sound.csv", SOUND)
    put(data, "movies.csv", lines("movieId,title,genres", "10,Somewhere Else (1950),War"))
    with pytest.raises(DataError, match="sound.csv has features of 3 films, none of which has a title of the data set"):
        load_dataset(data, min_ratings=1)
