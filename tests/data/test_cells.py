"""Whatever stands where a number should: file, line, column and value are said, and what is expected."""

import csv
import io
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.data.movielens import load_dataset
from recsys.errors import DataError
from tests.support.data_folders import write_csv, write_double_colon, write_tabbed

WRITERS = {"u.data": write_tabbed, "ratings.dat": write_double_colon, "ratings.csv": write_csv}
SEPARATORS = {"u.data": "\t", "ratings.dat": "::", "ratings.csv": ",", "u.user": "|", "users.dat": "::", "u.item": "|"}
SEPARATORS |= {"movies.dat": "::", "movies.csv": ","}
COLUMNS = {  # file: where numbers stand in a line, and how they are called; stars alone may have a point
    "u.data": ("user_id", "item_id", "stars", "timestamp"),
    "ratings.dat": ("user_id", "item_id", "stars", "timestamp"),
    "ratings.csv": ("user_id", "item_id", "stars", "timestamp"),
    "u.item": ("the film's id",),
    "movies.dat": ("the film's id",),
    "movies.csv": ("the film's id",),
    "u.user": ("the user's id", "the age"),
    "users.dat": ("the user's id", None, "the age", "the occupation"),
}
FOLDER_OF = {"u.item": "u.data", "u.user": "u.data", "movies.dat": "ratings.dat", "users.dat": "ratings.dat"}
FOLDER_OF |= {"movies.csv": "ratings.csv"}
CELLS = [(file, at) for file, names in COLUMNS.items() for at, name in enumerate(names) if name]
HUGE = "9" * 40
NO_NUMBERS = (HUGE, "0,5", "4,5", "3/5", "½", "five", "٣", "1e", "--1", "0x1F", "inf", "1 000", "#N/A", "=3", "4.5.1")


def with_cell(folder, file: str, at: int, text: str) -> int:
    """Write a data set in which the last line of a file has a text at a place; the number of that line."""
    WRITERS[FOLDER_OF.get(file, file)](folder)
    path, separator = folder / file, SEPARATORS[file]
    *before, last = path.read_bytes().decode("latin-1").rstrip("\n").split("\n")
    if file.endswith(".csv"):
        fields = next(csv.reader([last]))
        fields[at] = text
        written = io.StringIO()
        csv.writer(written, lineterminator="").writerow(fields)
        last = written.getvalue()
    else:
        fields = last.rstrip("\r").split(separator)
        fields[at] = text
        last = separator.join(fields)
    path.write_bytes("\n".join([*before, last, ""]).encode("utf-8"))
    return len(before) + 1


def message_of(folder) -> str:
    with pytest.raises(DataError) as refusal:
        load_dataset(folder, min_ratings=1)
    return str(refusal.value)


@pytest.mark.parametrize(("file", "at"), CELLS)
@pytest.mark.parametrize("text", NO_NUMBERS)
def test_a_cell_that_is_no_number_is_named_with_its_file_line_and_column(tmp_path, file, at, text):
    line = with_cell(tmp_path, file, at, text)
    message, column = message_of(tmp_path), COLUMNS[file][at]
    assert message.startswith(f"{file} line {line}: {column} is ")
    assert text in message or text == HUGE
    expected = "a number" if column == "stars" else "a whole number"
    assert f"; expected {expected}" in message or (column == "stars" and text == HUGE)  # which is too many stars
    assert "orrect or delete" in message


@pytest.mark.parametrize("file", ["u.data", "ratings.csv", "ratings.dat"])
def test_a_decimal_comma_is_told_what_to_write_instead(tmp_path, file):
    line = with_cell(tmp_path, file, 2, "4,5")
    assert message_of(tmp_path) == (
        f"{file} line {line}: stars is '4,5'; expected a number with a point, 4.5. Correct or delete that line."
    )


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_decimal_comma_without_quotes_is_a_field_too_many(tmp_path, place):
    path = write_csv(tmp_path) / "ratings.csv"
    header, *rows = path.read_text().splitlines()
    at = 0 if place == "first" else len(rows) - 1
    user, film, _, time = rows[at].split(",")
    rows[at] = f"{user},{film},3,5,{time}"
    path.write_text("\n".join([header, *rows, ""]))
    assert message_of(tmp_path).startswith(f"ratings.csv line {at + 2} has 5 fields separated by ','; expected 4.")


def test_so_it_is_where_every_line_has_one(tmp_path):
    path = write_csv(tmp_path) / "ratings.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *(re.sub(r"\.(\d),", r",\1,", row) for row in rows), ""]))
    assert message_of(tmp_path).startswith("ratings.csv line 2 has 5 fields separated by ','; expected 4.")


text_of_a_cell = st.text(st.characters(codec="utf-8", exclude_characters="\n\r\t|:\x00"), max_size=12)


@pytest.mark.parametrize("file", WRITERS)
@given(text=text_of_a_cell, at=st.integers(0, 3))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_in_a_cell_is_read_as_a_number_or_named(tmp_path, file, text, at):
    line = with_cell(tmp_path, file, at, text)
    if re.fullmatch(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", text, re.ASCII):
        return  # a number, on the scale or not
    message = message_of(tmp_path)
    assert re.match(rf"{file} line {line}:? ", message), message
    assert "npack" not in message
