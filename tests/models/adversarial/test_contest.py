"""When a game ends: on people who are kept aside."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS
from recsys.models.adversarial.config import GameConfig
from recsys.models.adversarial.contest import Aside, played
from recsys.models.adversarial.profiles import profiles_of
from recsys.settings import LEVEL
from recsys.testing.synthetic import checkerboard
from recsys.training import Training

PROFILES = profiles_of(checkerboard(100, 20), LEVEL, WHOLE_STARS)  # half of the people like even films, half odd ones
APART = 1e-3 * np.arange(20)  # no two films stand alike
CONFIG = GameConfig(epochs=12, aside=0.2, patience=3)


@dataclass
class Scripted:
    """Ranks worse than chance, but at one epoch perfectly."""

    people: sp.csr_array
    best: int
    epoch: int = 0
    n_played: list[int] = field(default_factory=list)

    def epochs(self) -> Iterator[dict[str, float]]:
        for self.epoch in range(1, 13):
            yield {"loss": 1.0 / self.epoch}

    def scores(self, profiles: sp.csr_array) -> np.ndarray:
        is_even = np.arange(20) % 2 == 0
        likes_even = profiles.toarray() @ is_even > 0
        right = (likes_even[:, None] == is_even) + APART
        return right if self.epoch == self.best else -right


def outcome(best: int, config: GameConfig = CONFIG) -> tuple[list[Scripted], list[tuple]]:
    begun, told = [], []

    def begin(people: sp.csr_array, rng: np.random.Generator) -> Scripted:
        begun.append(Scripted(people, best))
        return begun[-1]

    last = played(begin, PROFILES, config, Training(on_progress=lambda *step, **figures: told.append((*step, figures))))
    assert last is begun[-1]
    return begun, told


def test_the_second_game_has_everybody_and_is_as_long_as_the_first_was_best():
    (first, second), told = outcome(3)
    assert (first.people.shape[0], second.people.shape[0]) == (80, 100)
    assert (first.epoch, second.epoch) == (3 + CONFIG.patience, 3)
    assert [step[:3] for step in told] == [
        *(("rehearsal", n, 12) for n in range(1, 7)),
        *(("epoch", n, 3) for n in range(1, 4)),
    ]
    qualities = [step[3]["ndcg"] for step in told[:6]]
    assert max(qualities) == qualities[2] > 1.5 * min(qualities)
    assert told[-1][3] == {"loss": pytest.approx(1 / 3)}


@pytest.mark.parametrize("aside", [0.0, 0.03])
def test_without_people_to_ask_all_epochs_are_played(aside):
    (only,), told = outcome(5, GameConfig(epochs=12, aside=aside, patience=3))
    assert only.epoch == 12
    assert {step[0] for step in told} == {"epoch"}


def test_whoever_is_kept_aside_is_not_learned_from_and_is_told_a_part():
    rng = np.random.default_rng(0)
    whole = sp.csr_array(rng.random((50, 30)) < 0.4).astype(np.float32)
    aside = Aside.of(whole, 0.3, np.random.default_rng(1))
    told, found, others = (part.toarray() for part in (aside.told, aside.found, aside.others))
    assert (len(told), len(others)) == (15, 35)
    assert not (told * found).any()
    assert 0.4 < found.sum() / (told + found).sum() < 0.6
    everybody = np.vstack([told + found, others])
    assert sorted(map(tuple, everybody)) == sorted(map(tuple, whole.toarray()))


def test_quality_ranks_what_is_to_be_found_above_all_but_what_was_told():
    aside = Aside.of(PROFILES, 0.5, np.random.default_rng(0))
    told, found = aside.told.toarray(), aside.found.toarray().astype(float)
    assert aside.quality(found + 5 * told + APART) == pytest.approx(1.0)
    assert aside.quality(APART - found) < 0.8
