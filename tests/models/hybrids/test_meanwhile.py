"""Parts that are fitted beside others."""

from concurrent.futures import CancelledError

import pytest

from recsys.models.hybrids.meanwhile import Meanwhile


def test_progress_behind_is_told_once_those_in_front_are_done():
    told, meanwhile = [], Meanwhile()
    behind = meanwhile.behind(lambda stage, done, total, **figures: told.append((stage, done, total, figures)))
    with meanwhile.in_front(is_last=False):
        behind("epoch", 1, 3)
    behind("epoch", 2, 3)
    with meanwhile.in_front(is_last=True):
        behind("epoch", 2, 3)
    behind("epoch", 3, 3, rmse=0.5)
    assert told == [("epoch", 3, 3, {"rmse": 0.5})]


def test_who_is_behind_stops_where_somebody_in_front_fails():
    meanwhile = Meanwhile()
    behind = meanwhile.behind(lambda *_, **__: None)
    with pytest.raises(KeyboardInterrupt), meanwhile.in_front(is_last=False):
        raise KeyboardInterrupt
    with pytest.raises(CancelledError, match="beside"):
        behind("epoch", 1, 3)
