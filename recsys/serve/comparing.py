"""Two versions that are compared live: which of them a member sees, and lists that are drafted from both.

Whom and what the lots decide about depends on a secret of the database's, so nobody can choose a side, and on nothing
that passes: whoever comes again, to any page that shares the database, sees the same.
"""

import hashlib
import hmac
import json
import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from recsys.errors import DataError
from recsys.recommend.answers import Suggestion
from recsys.recommend.film_keys import keys_of
from recsys.recommend.interleaving import team_draft
from recsys.recommend.recommender import Recommender

if TYPE_CHECKING:
    from recsys.serve.engine import Engine
    from recsys.versions.comparison import By, Comparison
    from recsys.versions.promoted import Answering, Compared, Promoted

AGAIN_SECONDS = 300.0  # before a version that could not be had is tried once more
LOG = logging.getLogger(__name__)

ListBy = Callable[[Recommender], list[Suggestion]]


@dataclass(frozen=True)
class Drafted:
    """Films of a list.

    Attributes:
        films: best first.
        picks: item_id -> the version whose pick a film was, where two versions made the list.
        model: that made it alone, in place of the one that was to; None: it was that one, or two.
    """

    films: list[Suggestion]
    picks: Mapping[int, str] = field(default_factory=dict)
    model: Recommender | None = None


class Troubles:
    """Tells the log, once, that what is compared has no answer where the champion has one."""

    def __init__(self) -> None:
        self._is_told = False

    def note(self, trouble: Exception) -> None:
        """Tell of an answer that the challenger did not have, if none was told of."""
        if not self._is_told:
            self._is_told = True
            trace = None if isinstance(trouble, DataError) else trouble
            LOG.warning("The version that is compared has no answer where the other has: %s", trouble, exc_info=trace)


@dataclass(frozen=True, eq=False)
class Trial:
    """Two versions that are compared, ready to answer.

    Attributes:
        comparison: as the registry has it.
        champion: answers.
        challenger: is compared with it.
        troubles: hear where the challenger has no answer for somebody.
        backed: the challenger as people see it by person: where it has no answer, the champion's is there.
    """

    comparison: "Comparison"
    champion: Recommender
    challenger: Recommender
    troubles: Troubles = field(default_factory=Troubles)
    backed: Recommender = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "backed", self.challenger.backed_by(self.champion, self.troubles.note))

    @property
    def both(self) -> tuple[Recommender, Recommender]:
        """The two of them."""
        return self.champion, self.challenger

    def label(self, stood_in: bool = False) -> str:
        """What its lists are kept with; stood_in: those that the champion made in place of the challenger."""
        return self.comparison.label(self.champion.version, self.challenger.version, stood_in)

    @property
    def versions(self) -> str:
        """What a list of both has for its version."""
        return "+".join(model.version for model in self.both)

    @property
    def models(self) -> str:
        """What a list of both has for the name of its model."""
        return "+".join(dict.fromkeys(model.artifact.name for model in self.both))


@dataclass(frozen=True, eq=False)
class Entrant:
    """Somebody's part in a comparison.

    Attributes:
        trial: in which.
        lots: 32 random bytes that are this person's in this comparison.
    """

    trial: Trial
    lots: bytes

    @property
    def model(self) -> Recommender:
        """What answers this person."""
        is_drawn = self.trial.comparison.by == "person" and self.lots[0] % 2
        return self.trial.backed if is_drawn else self.trial.champion

    @property
    def reads_both(self) -> bool:
        """Whether lists are drafted from both."""
        return self.trial.comparison.by == "list"

    def drafted(self, list_by: ListBy, ratings: Mapping[str, float], k: int) -> Drafted:
        """A list of both; that of the champion alone where the challenger has none.

        Args:
            list_by: (model) -> its films.
            ratings: title -> stars, by which both list; others, other lots.
            k: films at most.

        Raises:
            DataError: the champion has no such list.
        """
        films = list_by(self.trial.champion)
        try:
            others = list_by(self.trial.challenger)
        except Exception as reason:
            self.trial.troubles.note(reason)
            return Drafted(films)
        seed = hashlib.sha256(self.lots + json.dumps(sorted(ratings.items())).encode()).digest()
        return draft(self.trial, films, others, k, seed)

    def own(self, list_by: ListBy) -> Drafted:
        """A whole list of the version that answers this person; of the champion where the challenger has none."""
        champion = self.trial.champion
        if self.model is champion:
            return Drafted(list_by(champion))
        try:
            return Drafted(list_by(self.trial.challenger))
        except Exception as reason:
            films = list_by(champion)
            self.trial.troubles.note(reason)
            return Drafted(films, model=champion)


def entrant_of(trial: Trial, key: bytes, person_id: int) -> Entrant:
    """Somebody's part in a comparison.

    Args:
        trial: in which.
        key: secret, the same for all processes.
        person_id: number of the account.
    """
    return Entrant(trial, hmac.digest(key, f"{trial.comparison.id}:{person_id}".encode(), "sha256"))


class MadeBy(NamedTuple):
    """What a list is kept with of what made it, and of the comparison that it belongs to; None: of none."""

    model: str
    version: str
    comparison: str | None = None


def made_by(model: Recommender, entrant: Entrant | None, is_drafted: bool, stands_in: bool = False) -> MadeBy:
    """Of a list by a model, or drafted, that somebody sees who may have a part in a comparison.

    A list by a model that stands in counts for the one that had none: else whoever that one has no list for would be
    missing on its side, and not on the other one's.
    """
    if entrant is not None and is_drafted:
        return MadeBy(entrant.trial.models, entrant.trial.versions, entrant.trial.label())
    belongs = entrant is not None and not entrant.reads_both and model is entrant.model
    comparison = entrant.trial.label(stands_in) if entrant is not None and (belongs or stands_in) else None
    return MadeBy(model.artifact.name, model.version, comparison)


def draft(trial: Trial, films: Sequence[Suggestion], others: Sequence[Suggestion], k: int, seed: bytes) -> Drafted:
    """One list of two, where each film is as the version has it that picked it."""
    teams = tuple({film.item_id: film for film in team} for team in (films, others))
    picks = team_draft([*teams[0]], [*teams[1]], k, seed)
    versions = [model.version for model in trial.both]
    return Drafted(
        [(teams[pick.team or 0].get(pick.film) or teams[1][pick.film]) for pick in picks],
        {pick.film: versions[pick.team] for pick in picks if pick.team is not None},
    )


class Trials:
    """Looks what is compared with the version that answers, and has it ready; whatever fails, that one goes on alone.

    Attributes:
        promoted: says what is compared.
        ready: brings a version here and lets it answer a first time; DataError if it cannot be had.
    """

    def __init__(self, promoted: "Promoted", ready: "Callable[[Answering], Recommender]"):
        self.promoted, self.ready = promoted, ready
        self._failed: dict[str, float] = {}  # keys of versions that could not be had, and when
        self._told = ""
        self._begun: Comparison | None = None  # that the log was told of, as long as it goes on

    def look(self, engine: "Engine", champion: str | None) -> bool:
        """Let members see what is compared, or no longer.

        Args:
            engine: has the version that answers.
            champion: key of that version; None: none does.

        Returns:
            Whether a version was let go.
        """
        compared, trial = self._compared(), engine.trial
        if compared is None or compared.champion != champion or engine.recommender is None:
            self._end(None)
            engine.trial = None
            return trial is not None
        self._end(compared.comparison)
        if trial is None or trial.comparison != compared.comparison or trial.champion is not engine.recommender:
            engine.trial = None
            engine.trial = self._trial(compared, engine.recommender)
            return trial is not None
        return False

    def _compared(self) -> "Compared | None":
        try:
            return self.promoted.compared()
        except Exception as reason:
            self._begun = None
            self._tell(f"Nothing is compared: {str(reason) or type(reason).__name__}")
            return None

    def _trial(self, compared: "Compared", champion: Recommender) -> Trial | None:
        key, name = compared.challenger.key, compared.challenger.name
        if time.monotonic() - self._failed.get(key, -math.inf) < AGAIN_SECONDS:
            return None
        try:
            challenger = self.ready(compared.challenger)
            require_comparable(challenger, champion, compared.comparison.by)
        except Exception as reason:
            self._failed[key] = time.monotonic()
            self._tell(f"{name} was to be compared, but cannot be used here: {reason}")
            return None
        if self._begun is None:
            told = f"{name} is compared with the version that answers, by {compared.comparison.by}."
            self._tell(told, logging.INFO)
            self._begun = compared.comparison
        return Trial(compared.comparison, champion, challenger)

    def _end(self, goes_on: "Comparison | None") -> None:
        """Tell the log that what it was told of has ended, unless that goes on."""
        if self._begun is not None and self._begun != goes_on:
            self._tell(f"{self._begun} has ended; `python -m recsys.loop report` tells what came of it.", logging.INFO)
            self._begun = None

    def _tell(self, sentence: str, level: int = logging.WARNING) -> None:
        """Write a line into the log, if it is news."""
        if self._told != sentence:
            LOG.log(level, "%s", sentence)
        self._told = sentence


def require_comparable(challenger: Recommender, champion: Recommender, by: "By") -> None:
    """Raise DataError if two versions know other films or stars, or one film of a list of both would tell its version.

    Args:
        challenger: is to be compared.
        champion: answers.
        by: as Comparison has it.
    """

    def said(model: Recommender) -> dict[str, object]:
        films = [*zip(model.catalog.item_ids.tolist(), model.display_titles, strict=True)]
        expects = model.checked.rating is not None
        return {
            "films": (keys_of(model).label, films),
            "stars": model.scale,
            "expected stars": by == "person" or expects,
        }

    one, other = said(challenger), said(champion)
    differ = [what for what in one if one[what] != other[what]]
    if differ:
        raise DataError(f"its {' and '.join(differ)} are not those of the version that answers")
