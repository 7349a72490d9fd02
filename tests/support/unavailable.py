import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip where a person works, fail where everything must have been tried."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
