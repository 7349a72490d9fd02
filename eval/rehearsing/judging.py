"""What people who told little are recommended, by what they keep back: two models on the same people.

Legend: P people, I films.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from eval.measures.per_user import PerUser
from eval.rehearsing.visits import Resident
from eval.retraining.gate import GateConfig, Row, row_of, sums_of
from eval.retraining.trial import LENGTH
from eval.running.experiment import Settings, measure
from recsys.artifacts.artifact import Artifact
from recsys.data.interactions import Histories, Interactions
from recsys.models import MODELS
from recsys.progress import silent
from recsys.results.metrics import NDCG
from recsys.split import Newcomers, Split

CONFIG = GateConfig(ndcg_margin=0.0, rmse_margin=0.0, least_people=2)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a film is for people.

    Attributes:
        rank: of all films that they have not told of, on average.
        listed: share of people on whose list of ten it is.
    """

    rank: float
    listed: float


@dataclass(frozen=True, eq=False)
class Jury:
    """People who told of a few films, and keep others back.

    Attributes:
        told: (P, I) csr stars, of films that they told of before they were shown any.
        kept_back: (P, I) csr stars.
        films: what is known of them.
    """

    told: sp.csr_array
    kept_back: sp.csr_array
    films: Interactions

    @property
    def split(self) -> Split:
        """What is known of them, and asked of them."""
        people = np.arange(self.told.shape[0])
        newcomers = Newcomers(people, Histories(self.told))
        return Split("rehearsal", self.films, self.kept_back, newcomers=newcomers)

    def values(self, artifact: Artifact) -> PerUser:
        """(P,) values of a model, by name."""
        ranks_by = MODELS[artifact.name].ranks_by
        return measure(artifact.model, self.split, Settings(ks=(LENGTH,)), ranks_by=ranks_by, on_progress=silent)[0]

    def standing(self, artifact: Artifact, film: int) -> Standing:
        """Where a film is for those who have not told of it; NaN if all have."""
        scores = artifact.model.score(Histories(self.told)).astype(np.float64)
        scores[self.told.nonzero()] = -np.inf
        have_not = np.flatnonzero(scores[:, film] > -np.inf)
        ranks = 1 + (scores[have_not] > scores[have_not][:, [film]]).sum(axis=1)
        if not len(ranks):
            return Standing(rank=float("nan"), listed=float("nan"))
        return Standing(rank=float(ranks.mean()), listed=float(np.mean(ranks <= LENGTH)))


def jury_of(people: Sequence[Resident], n_told: int, films: Interactions) -> Jury:
    """What people, who need not have come, tell of at their first visit, and what they keep back."""
    told, kept_back = (sp.lil_array((len(people), films.shape[1]), dtype=np.float32) for _ in range(2))
    for row, person in enumerate(people):
        for matrix, chosen in ((told, person.truth.to_tell[:n_told]), (kept_back, person.truth.kept_back)):
            matrix[row, chosen] = person.truth.stars[chosen]
    return Jury(sp.csr_array(told), sp.csr_array(kept_back), films)


def gain(group: str, frozen: PerUser, loop: PerUser) -> Row:
    """NDCG of two models on the same people, with a paired interval."""
    metric = NDCG.at(LENGTH)
    everybody = np.ones(len(frozen["n_relevant"]), dtype=bool)
    pair = sums_of(frozen, metric, everybody), sums_of(loop, metric, everybody)
    before, now = pair
    assert before is not None, "somebody likes what they keep back"
    assert now is not None, "the model makes lists"
    return row_of({"against": "the frozen model", "group": group}, metric, (before, now), CONFIG)


def together(parts: Sequence[PerUser]) -> PerUser:
    """Values of several groups of people, one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
