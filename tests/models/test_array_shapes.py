"""What a model's arrays must look like: shapes that fit together, types and limits."""

import re

import numpy as np
import pytest

from recsys.models.array_shapes import EXAMPLES, LARGEST, Look, check_arrays, check_declared, check_values, of_part

SHAPES = {"items": "S I D=2", "links": "F:I", "noise": "S in 0..10", "counts": "I whole in 0..3", "extra?": "D I"}


def arrays(**changes: np.ndarray | None) -> dict[str, np.ndarray]:
    """What fits SHAPES for 4 items, with other arrays or without some."""
    fitting = {
        "items": np.zeros((3, 4, 2), dtype=np.float32),
        "links": np.array([0, 3, 3]),
        "noise": np.array([0.0, 10.0, 5.0]),
        "counts": np.array([0, 3, 1, 2]),
    }
    return {name: array for name, array in (fitting | changes).items() if array is not None}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"extra": np.zeros((2, 4))},
        {"items": np.full((3, 4, 2), LARGEST)},
        {"items": np.full((3, 4, 2), -LARGEST)},
        {"links": np.array([], dtype=np.int64)},
        {"items": np.zeros((0, 4, 2)), "noise": np.array([])},
    ],
)
def test_what_fits_is_let_through(changes):
    check_arrays(arrays(**changes), SHAPES, 4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"noise": None},
            "found the arrays counts, items, links; expected items, links, noise, counts, extra?",
        ),
        ({"other": np.zeros(3)}, "found the arrays counts, items, links, noise, other; expected items"),
        ({"items": np.zeros((3, 4))}, "items has shape (3, 4); expected (S I D) with I = 4, D = 2"),
        ({"items": np.zeros((3, 5, 2))}, "items has shape (3, 5, 2); expected (S I D) with S = 3, I = 4, D = 2"),
        ({"items": np.zeros((3, 4, 3))}, "items has shape (3, 4, 3); expected (S I D) with S = 3, I = 4, D = 2"),
        ({"noise": np.zeros(4)}, "noise has shape (4,); expected (S) with S = 3"),
        ({"counts": np.zeros(5, dtype=np.int64)}, "counts has shape (5,); expected (I) with I = 4"),
        ({"extra": np.zeros((3, 4))}, "extra has shape (3, 4); expected (D I) with D = 2, I = 4"),
        ({"noise": np.zeros(3, dtype=np.float16)}, "noise holds float16; expected float32 or float64"),
        ({"noise": np.zeros(3, dtype=np.int64)}, "noise holds int64; expected float32 or float64"),
        ({"links": np.zeros(3)}, "links holds float64; expected int64"),
        ({"counts": np.zeros(4, dtype=np.int32)}, "counts holds int32; expected int64"),
        ({"noise": np.array([np.nan, 1, np.inf])}, "noise holds 2 NaN or infinite numbers; expected none"),
        ({"links": np.array([4])}, "links holds other values than whole numbers from 0 to 3"),
        ({"links": np.array([0, -1])}, "links holds other values than whole numbers from 0 to 3"),
        ({"noise": np.array([-0.1, 0, 1])}, "noise holds numbers from -0.1 to 1; expected 0 to 10"),
        ({"noise": np.array([0, 1, 10.1])}, "noise holds numbers from 0 to 10.1; expected 0 to 10"),
        ({"counts": np.array([0, 1, 2, 4])}, "counts holds numbers from 0 to 4; expected 0 to 3"),
        ({"items": np.full((3, 4, 2), 1.1e6)}, "items holds numbers from 1.1e+06 to 1.1e+06; expected -1e+06 to 1e+06"),
        ({"items": np.full((3, 4, 2), -1.1e6)}, "expected -1e+06 to 1e+06"),
    ],
)
def test_what_does_not_fit_is_refused(changes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        check_arrays(arrays(**changes), SHAPES, 4)


def test_a_model_without_arrays_has_none():
    check_arrays({}, {}, 4)
    with pytest.raises(ValueError, match="found the arrays none; expected a"):
        check_arrays({}, {"a": "I"}, 4)
    with pytest.raises(ValueError, match="found the arrays a; expected none"):
        check_arrays({"a": np.zeros(4)}, {}, 4)


def test_declared_shapes_and_types_are_checked_without_a_look_at_values_and_values_without_one_at_shapes():
    spoilt, misshapen = arrays(noise=np.full(3, np.nan)), arrays(noise=np.ones(7))
    check_declared(spoilt, SHAPES, 4)
    check_values(misshapen, SHAPES, 4)
    with pytest.raises(ValueError, match="noise holds 3 NaN"):
        check_values(spoilt, SHAPES, 4)
    with pytest.raises(ValueError, match=r"noise has shape \(7,\)"):
        check_declared(misshapen, SHAPES, 4)


def test_a_part_has_its_own_sizes_but_the_whole_s_items():
    shapes = of_part("a", {"v": "S I"}) | of_part("b", {"v": "S I", "w": "F:I", "n": "I whole in 0..3", "m": ""})
    found = {"a/v": np.zeros((2, 4)), "b/v": np.zeros((3, 4)), "b/w": np.array([3]), "b/n": np.array([0, 1, 2, 3])}
    check_arrays(found | {"b/m": np.array(1.0)}, shapes, 4)
    with pytest.raises(ValueError, match=r"b/v has shape \(3, 5\); expected \(S\.b I\) with S\.b = 3, I = 4"):
        check_arrays(found | {"b/m": np.array(1.0), "b/v": np.zeros((3, 5))}, shapes, 4)


@pytest.mark.parametrize("shape", ["items", "I 0..1", "I k=3", "(I, I)", "I,I"])
def test_a_shape_that_is_written_otherwise_is_refused_with_examples(shape):
    with pytest.raises(
        ValueError, match=re.escape(f"got the shape {shape!r}; expected a capital letter for each axis")
    ):
        Look.of(shape)
    assert all(Look.of(example) for example in re.findall("'(.*?)'", EXAMPLES))
