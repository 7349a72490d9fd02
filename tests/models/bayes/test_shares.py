"""A chain of several processes is the chain of one: here as threads, real processes are in `tests/training`."""

from dataclasses import replace

import numpy as np
import pytest

from recsys.data.interactions import FilmFacts, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models import create
from recsys.models.bayes.shares import SomeRows
from recsys.models.bayes.vectors import FEW
from recsys.models.numeric.quick_normal import standard_normal
from recsys.models.numeric.row_groups import RowGroups
from recsys.split import carve_evenly
from recsys.training import Training
from recsys.training.checkpoints import NOTHING_KEPT, open_checkpoints
from recsys.training.processes import ALONE, Processes
from tests.support.small_models import ratings, small_config
from tests.support.threads_of_a_job import in_threads

FILMS = FilmFacts(features=np.eye(60)[:, :4])
SOME = Interactions(ratings(4, (90, 60), 0.1), films=FILMS)  # both people and films have from 0 to 12 ratings
CLOSE = 3e-5  # of numbers of 32 bits, after some sweeps in which sums have another order
PARTS = {1: [0, 90], 2: [0, 50, 90], 3: [0, 13, 60, 90]}  # which people each process has


def learned(name: str, processes: Processes, *, kept=NOTHING_KEPT, stop_at: int = 0) -> dict[str, np.ndarray]:
    """What a process learns and foretells; it breaks off at an epoch, if that is not 0."""
    errors, model = [], create(name, WHOLE_STARS, config=replace(small_config(name), rehearsal=4))

    def note(stage, done, total, **figures):
        errors.extend(figures.values())
        if stage == "epoch" and done == stop_at:
            raise InterruptedError

    start, stop = PARTS[processes.count][processes.number :][:2]
    known, aside = (each.of_people(np.arange(start, stop)) for each in carve_evenly(SOME, 0.2, 0))
    training = Training(seed=3, processes=processes, on_progress=note, checkpoints=kept)
    model.fit_and_foretell(known, aside, training)
    return model.arrays() | vars(model.foretold) | {"errors": np.array(errors[-5:])}


def require_close(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for name, right in expected.items():
        size = max(float(np.abs(right).max(initial=0.0)), 1e-3)
        np.testing.assert_allclose(found[name] / size, right / size, atol=CLOSE, err_msg=name)


@pytest.fixture(scope="module", params=["bmf", "bmf-ordinal"])
def alone(request):
    return request.param, learned(request.param, ALONE)


@pytest.mark.parametrize("count", [2, 3])
def test_several_processes_draw_what_one_draws(count, alone):
    name, expected = alone
    for found in in_threads(count, lambda processes: learned(name, processes)):
        require_close(found, expected)


def test_a_chain_of_two_goes_on_in_three(alone, tmp_path):
    name, expected = alone

    def begun(processes, stop_at):
        kept = open_checkpoints(tmp_path, {"model": name}, processes, seconds=0)
        return learned(name, processes, kept=kept, stop_at=stop_at)

    with pytest.raises(InterruptedError):
        in_threads(2, lambda processes: begun(processes, 5))
    for found in in_threads(3, lambda processes: begun(processes, 0)):
        require_close(found, expected)


def test_rows_have_the_numbers_that_they_have_among_all():
    stars = SOME.stars
    lengths, (start, stop) = np.diff(stars.indptr), (20, 50)
    share = SomeRows(slice(start, stop), lengths)
    for_all, for_some = RowGroups(stars).narrow(FEW), RowGroups(stars[start:stop]).narrow(FEW)
    one, other = (np.random.default_rng(5) for _ in range(2))
    np.testing.assert_array_equal(share.normals((stop - start, 3), one), standard_normal((90, 3), other)[start:stop])
    expected = np.zeros((90, FEW))
    for group in for_all:
        expected[group.rows, : group.width] = standard_normal(group.places.shape, other)
    for group, errors in zip(for_some, share.errors(for_some, FEW, one), strict=True):
        np.testing.assert_array_equal(errors, expected[start + group.rows, : group.width])
    assert one.bit_generator.state == other.bit_generator.state
