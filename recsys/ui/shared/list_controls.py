"""How a list of films is to be read: from familiar to adventurous, in which order, how many of it."""

from dataclasses import dataclass
from typing import Any, Self

import gradio as gr

from recsys.errors import DataError
from recsys.recommend.answers import LIST_LENGTH
from recsys.recommend.orders import BEST, ORDER_NAMES, checked_order
from recsys.ui.places import Said, Setting
from recsys.ui.shared.adventure_slider import adventure_slider, share_of, steps_of

MOST_LISTED = 100  # films of one list that are shown
LABELS = {BEST: "Best bet", "most stars": "Most stars", "newest": "Newest", "least known": "Least known"}
MORE = f"Show {LIST_LENGTH} more"


@dataclass(frozen=True)
class Reading:
    """What a visitor wants of a list.

    Attributes:
        adventure: in [0, 1].
        order: one of ORDER_NAMES.
        n_films: from LIST_LENGTH to MOST_LISTED.
    """

    adventure: float = 0.0
    order: str = BEST
    n_films: int = LIST_LENGTH

    @classmethod
    def of(cls, steps: object, order: object, n_films: object) -> Self:
        """What the controls say, which may be anything.

        Raises:
            DataError: there is no such place of the slider, no such order, or no list so long.
        """
        is_number = isinstance(n_films, int) and not isinstance(n_films, bool)
        if not (is_number and LIST_LENGTH <= n_films <= MOST_LISTED):  # type: ignore[operator]
            raise DataError(f"A list has {LIST_LENGTH} to {MOST_LISTED} films: load the page again.")
        return cls(share_of(steps), checked_order(order), n_films)  # type: ignore[arg-type]

    @property
    def request(self) -> dict[str, Any]:
        """What is kept of it with a list that was shown."""
        return {"adventure": self.adventure} | ({"order": self.order} if self.order != BEST else {})


@dataclass(frozen=True, eq=False)
class ListControls:
    """The components of a list.

    Attributes:
        adventure: the slider from familiar to adventurous.
        order: the menu of orders.
        n_films: keeps how many films are shown.
        more: the button that shows more; `list_controls` leaves it to be rendered below the list.
    """

    adventure: gr.Slider
    order: gr.Dropdown
    n_films: gr.State
    more: gr.Button

    @property
    def inputs(self) -> list[Any]:
        """What `Reading.of` takes, in its order."""
        return [self.adventure, self.order, self.n_films]

    @property
    def settings(self) -> dict[str, Setting]:
        """What of it an address tells."""
        return {"order": Setting(self.order, BEST), "adventure": Setting(self.adventure, 0)}

    def restored(self, said: Said) -> tuple[Reading, dict[Any, Any]]:
        """How an address wants the list to be read, and what the components show then."""
        order = said.one_of("order", list(ORDER_NAMES), BEST, "order")
        adventure = said.checked("adventure", share_of, 0.0)
        shown = {self.order: order, self.adventure: steps_of(adventure), self.n_films: LIST_LENGTH}
        return Reading(adventure, order), shown

    def more_for(self, reading: Reading, n_found: int) -> dict[Any, Any]:
        """The button, where a list may go on that shows so many films."""
        goes_on = reading.n_films <= n_found and reading.n_films < MOST_LISTED
        return {self.more: gr.Button(visible=goes_on)}


def list_controls(name: str) -> ListControls:
    """The slider and the menu, beside each other, in their places; `name` begins their elem_ids."""
    with gr.Row(elem_classes="list-controls"):
        adventure = adventure_slider(f"{name}-adventure")
        order = gr.Dropdown(
            [(LABELS[order], order) for order in ORDER_NAMES],
            value=BEST,
            label="Order",
            info="Of the 50 best bets.",
            filterable=False,
            min_width=140,
            elem_id=f"{name}-order",
        )
    more = gr.Button(MORE, visible=False, render=False, size="sm", elem_id=f"{name}-more")
    return ListControls(adventure, order, gr.State(LIST_LENGTH), more)


def longer(n_films: object) -> int:
    """How many films are shown once more are wanted; anything else than a number is left for `Reading.of` to refuse."""
    return min(n_films + LIST_LENGTH, MOST_LISTED) if type(n_films) is int else n_films  # type: ignore[return-value]
