"""What a model's name stands for."""

import re
from dataclasses import dataclass, field
from typing import Literal

from recsys.models.search_space import Space, require_inside
from recsys.settings import Config


@dataclass(frozen=True)
class About:
    """What a model is to somebody who has not met it, and where it comes from.

    Attributes:
        sentence: what it does, in plain words, for the list of all models.
        source: who described it, and where; "" for what is common knowledge.
        year: of the source, where that is known.
        in_paper: whether the paper that this project began with names the system, as its own or as a background.

    Raises:
        ValueError: a year has no source.
    """

    sentence: str
    source: str = ""
    year: int | None = None
    in_paper: bool = False

    def __post_init__(self) -> None:
        if self.year and not self.source:
            raise ValueError(f"got the year {self.year} of no source; expected a source")

    @property
    def origin(self) -> str:
        """Source and year in one text; "" for common knowledge."""
        return f"{self.source}, {self.year}" if self.year else self.source


@dataclass(frozen=True)
class Recipe:
    """Where a model's class is, the settings that its name stands for, and a line that says what it is.

    Raises:
        ValueError: the class has no such path, or the space fits the settings not; says where.
    """

    class_path: str  # "module:Class"
    config: Config
    summary: str
    ranks_by: Literal["scores", "stars", "nothing"] = "scores"  # stars: score is predict; nothing: it is constant
    predicts_stars: bool = True  # False: it makes lists alone
    is_keras: bool = False  # True: its class is one of Keras's
    space: Space = field(default_factory=dict)  # what can be tuned; empty: nothing
    about: About | None = None  # for the list of all models; None in a model that somebody tries out
    shared: bool = False  # True: several processes can fit it together
    by_default: bool = True  # False: takes so long that an evaluation runs it only when it is asked to

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.]+:\w+", self.class_path):
            raise ValueError(
                f"got the class path {self.class_path!r}; expected module:Class, like recsys.models.linear.ease:EASE"
            )
        for name, dimension in self.space.items():
            require_inside(self.config, name, dimension)
