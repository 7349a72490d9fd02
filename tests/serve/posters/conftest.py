"""A TMDB on this machine, for tests of posters."""

import pytest

from tests.support.loopback_tmdb import LoopbackTmdb


@pytest.fixture(scope="package")
def running():
    server = LoopbackTmdb()
    yield server
    server.stop()


@pytest.fixture
def tmdb(running):
    running.hold.set()
    running.reset()
    return running
