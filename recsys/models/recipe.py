"""What a model's name stands for."""

import re
from dataclasses import dataclass, field
from typing import Literal

from recsys.models.search_space import Space, require_inside
from recsys.settings import Config


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
    by_default: bool = True  # False: takes so long that an evaluation runs it only when it is asked to

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w.]+:\w+", self.class_path):
            raise ValueError(
                f"got the class path {self.class_path!r}; expected module:Class, like recsys.models.linear.ease:EASE"
            )
        for name, dimension in self.space.items():
            require_inside(self.config, name, dimension)
