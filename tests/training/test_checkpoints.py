"""What is kept of a fit: one that was interrupted ends with the very model of one that was not."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from recsys.data.interactions import FilmFacts, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.errors import DataError
from recsys.models import create
from recsys.models.bayes import bmf
from recsys.models.linear import grams
from recsys.split import carve_evenly
from recsys.training import Training
from recsys.training.checkpoints import JOB, NOTHING_KEPT, KeptOnDisk, LoopOnDisk, open_checkpoints
from tests.support.small_models import ratings, small_config

FACTS = {"model": "some", "seed": "0"}
IN_LOOPS = (
    "slim",
    "als",
    "svd",
    "autorec",
    "item-autorec",
    "deep-autoencoder",
    "transformer",
    "trident-metadata",
    "mult-vae",
)
DATA = Interactions(ratings(2), films=FilmFacts(features=np.eye(23)[:, :4]))


class BrokenOffError(Exception):
    pass


def interrupted_after(n_steps: int):
    """An `on_progress` that breaks off after so many steps."""
    left = [n_steps]

    def on_progress(*step, **figures):
        left[0] -= 1
        if left[0] == 0:
            raise BrokenOffError

    return on_progress


def assert_same(found, expected):
    assert found.keys() == expected.keys()
    for name, right in expected.items():
        np.testing.assert_array_equal(found[name], right, err_msg=name)


def made(name: str):
    config = small_config(name)
    return create(name, WHOLE_STARS, config=replace(config, epochs=4) if hasattr(config, "epochs") else config)


@pytest.mark.parametrize("name", IN_LOOPS)
def test_a_fit_that_broke_off_goes_on_to_the_same_model_bit_for_bit(name, tmp_path):
    expected = made(name).fit(DATA, Training(seed=3)).arrays()
    kept = open_checkpoints(tmp_path, FACTS, seconds=0)
    with pytest.raises(BrokenOffError):
        made(name).fit(DATA, Training(seed=3, checkpoints=kept, on_progress=interrupted_after(2)))
    told = []
    again = Training(
        seed=3,
        checkpoints=open_checkpoints(tmp_path, FACTS, seconds=0),
        on_progress=lambda *step, **_: told.append(step),
    )
    found = made(name).fit(DATA, again).arrays()
    assert_same(found, expected)
    assert told[0][1] == 3, "it began anew"


@pytest.mark.parametrize(("n_steps", "next_step"), [(1, ("rehearsal", 2)), (2, ("epoch", 1)), (10, ("epoch", 9))])
@pytest.mark.parametrize("name", ["bmf", "bmf-ordinal"])
def test_a_chain_that_broke_off_goes_on_with_its_draws_and_what_it_foretold(
    name, n_steps, next_step, tmp_path, monkeypatch
):
    monkeypatch.setattr(bmf, "are_few", lambda *_: False)  # where these answer, one sweep is enough

    def told_by(training):
        chain = made(name)
        chain.config = replace(chain.config, epochs=12)
        chain.fit_and_foretell(*carve_evenly(DATA, 0.2, 0), training)
        return chain.arrays() | vars(chain.foretold)

    expected, told = told_by(Training(seed=3)), []
    kept = open_checkpoints(tmp_path, FACTS, seconds=0)
    with pytest.raises(BrokenOffError):
        told_by(Training(seed=3, checkpoints=kept, on_progress=interrupted_after(n_steps)))
    again = open_checkpoints(tmp_path, FACTS, seconds=0)
    found = told_by(Training(seed=3, checkpoints=again, on_progress=lambda *step, **_: told.append(step)))
    assert_same(found, expected)
    assert told[0][:2] == next_step


def test_networks_that_broke_off_amid_an_epoch_go_on_with_the_films_that_stand_for_all(tmp_path, monkeypatch):
    def networks(kept):
        config = replace(small_config("mult-vae"), exact_films=9, n_sampled=5, epochs=2)
        return create("mult-vae", WHOLE_STARS, config=config).fit(DATA, Training(checkpoints=kept)).network_arrays()

    expected, reached, left = networks(NOTHING_KEPT), LoopOnDisk.reached, [6 + 4]  # steps: one network, and an epoch

    def broken_off(loop, n_steps, state):
        left[0] -= 1
        reached(loop, n_steps, state)
        if left[0] == 0:
            raise BrokenOffError

    monkeypatch.setattr(LoopOnDisk, "reached", broken_off)
    with pytest.raises(BrokenOffError):
        networks(open_checkpoints(tmp_path, FACTS, seconds=0))
    assert_same(networks(open_checkpoints(tmp_path, FACTS, seconds=0)), expected)
    assert left[0] == -2, "it did not go on from the last step"


def flagship(kept):
    model = made("hybrid-vae").fit(DATA, Training(seed=3, checkpoints=kept))
    return model.arrays() | model.network_arrays()


@pytest.fixture(scope="module")
def undisturbed():
    return flagship(NOTHING_KEPT)


@pytest.mark.parametrize(("piece", "n_times"), [("vae-network-2-of-2", 2), ("ordinal-sweeps", 9)])
def test_a_flagship_that_broke_off_goes_on_with_the_part_at_work(piece, n_times, undisturbed, tmp_path, monkeypatch):
    write, written = KeptOnDisk.write, Counter()

    def broken_off(kept, path, arrays):
        write(kept, path, arrays)
        written[path.stem] += 1
        if path.stem == piece and written[piece] == n_times:
            raise BrokenOffError

    monkeypatch.setattr(KeptOnDisk, "write", broken_off)
    with pytest.raises(BrokenOffError):
        flagship(open_checkpoints(tmp_path, FACTS, seconds=0))
    whole = {path.stem for path in tmp_path.glob("*whole*")} | {path.stem for path in tmp_path.glob("trial.*")}
    before = Counter(written)
    assert_same(flagship(open_checkpoints(tmp_path, FACTS, seconds=0)), undisturbed)
    assert "trial" in whole
    assert not whole & (written - before).keys(), "a part that was done was fitted again"


@pytest.mark.parametrize("name", ["conditioned-vae", "twin-vae", "embedding-vae", "aligned-vae"])
def test_a_fit_whose_steps_change_more_than_what_is_kept_begins_anew(name, tmp_path):
    kept = open_checkpoints(tmp_path, FACTS, seconds=0)
    with pytest.raises(BrokenOffError):
        made(name).fit(DATA, Training(checkpoints=kept, on_progress=interrupted_after(2)))
    assert not list(tmp_path.glob("*descent*")) or name == "embedding-vae"  # of which films' codes are kept


def test_what_many_columns_have_in_common_is_worked_out_once(tmp_path, monkeypatch):
    monkeypatch.setattr(grams, "BLOCK", 4)
    worked = []
    gram = grams.gram_matrix(DATA.stars, Training(checkpoints=counting(tmp_path, worked)))
    assert worked == [f"gram {start}" for start in range(0, 23, 4)]
    (tmp_path / "gram-8.safetensors").unlink()
    again = grams.gram_matrix(DATA.stars, Training(checkpoints=counting(tmp_path, worked)))
    assert worked[6:] == ["gram 8"]
    np.testing.assert_array_equal(again, gram)
    np.testing.assert_array_equal(gram, grams.gram_matrix(DATA.stars))


def counting(folder, worked: list[str]):
    """Checkpoints that note which pieces are made."""
    kept = open_checkpoints(folder, FACTS)

    class Counting:
        def kept(self, piece, make):
            return kept.kept(piece, lambda: worked.append(piece) or make())

    return Counting()


def test_a_loop_is_kept_no_more_often_than_one_wishes(tmp_path):
    loop = open_checkpoints(tmp_path, FACTS, seconds=3600).loop("steps", {})
    loop.reached(1, {})
    assert [path.name for path in tmp_path.iterdir()] == [JOB]


def test_pieces_of_one_name_are_told_apart(tmp_path):
    for _ in range(2):
        kept = open_checkpoints(tmp_path, FACTS)
        found = [kept.of_part(part).kept("piece", lambda at=at: {"at": np.array(at)}) for at, part in enumerate("aab")]
        assert [int(each["at"]) for each in found] == [0, 1, 2]


def test_another_fit_is_refused_with_what_is_different(tmp_path):
    open_checkpoints(tmp_path, FACTS)
    with pytest.raises(DataError, match=r"another fit \(seed 0 there, 1 here\); go on with that one"):
        open_checkpoints(tmp_path, FACTS | {"seed": "1"})


def test_a_file_of_another_fit_is_refused(tmp_path):
    one, other = (open_checkpoints(tmp_path / seed, {"seed": seed}) for seed in "01")
    one.kept("piece", lambda: {"at": np.zeros(3)})
    (tmp_path / "0" / "piece.safetensors").rename(tmp_path / "1" / "piece.safetensors")
    with pytest.raises(DataError, match="piece.safetensors: was kept of another fit; delete the folder"):
        other.kept("piece", lambda: {"at": np.zeros(3)})


@pytest.mark.parametrize("damage", [lambda content: content[:50], lambda content: b"", lambda content: b"x" * 99])
def test_a_damaged_file_is_told_in_a_sentence(damage, tmp_path):
    open_checkpoints(tmp_path, FACTS).kept("piece", lambda: {"at": np.zeros(3)})
    path = tmp_path / "piece.safetensors"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match=r"piece.safetensors: cannot be read \(.*\); delete it"):
        open_checkpoints(tmp_path, FACTS).kept("piece", lambda: {})


def test_a_folder_that_cannot_be_used_is_told_in_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot be used"):
        open_checkpoints(tmp_path / "file", FACTS)
    (tmp_path / JOB).write_text("not json")
    with pytest.raises(DataError, match="cannot be used"):
        open_checkpoints(tmp_path, FACTS)


def test_nothing_is_left_when_a_fit_has_ended(tmp_path):
    kept = open_checkpoints(tmp_path / "checkpoints" / "ease", FACTS)
    kept.kept("piece", lambda: {"at": np.zeros(3)})
    (kept.folder / ".piece.safetensors.123").touch()  # of a process that was killed while it wrote
    kept.forget()
    assert list(tmp_path.iterdir()) == []
