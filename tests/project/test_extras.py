import pytest

from recsys.errors import DataError
from recsys.extras import EXTRA_OF, missing_explained


@pytest.mark.parametrize(("package", "extra"), EXTRA_OF.items())
def test_an_optional_package_that_is_missing_is_named_with_what_brings_it(package, extra):
    message = rf"{package} is not installed; what needs it comes with pip install '\.\[{extra}\]'"
    with pytest.raises(DataError, match=message), missing_explained():
        raise ModuleNotFoundError("No module named 'it'", name=f"{package}.inside")


def test_another_package_that_is_missing_is_not_explained_away():
    with pytest.raises(ModuleNotFoundError, match="no such thing"), missing_explained():
        raise ModuleNotFoundError("no such thing", name="thing")
