"""The page: its tabs, who is here, and what it says while there is no model yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.members import Members
from recsys.serve.accounts.shelf import GuestShelf, MemberShelf, Shelf, Shelves, has_ended
from recsys.serve.background import Background
from recsys.serve.engine import Engine
from recsys.serve.security.cookies import SESSION
from recsys.serve.sentences import without_folders
from recsys.ui.account.bar import account_bar, bar_for
from recsys.ui.explore.tab import explore_tab
from recsys.ui.genres.tab import genre_tab
from recsys.ui.gradio_helpers import NOT_AN_ENDPOINT, UNCHECKED, TabContent, Updates
from recsys.ui.markup import NOTHING
from recsys.ui.metrics.tab import metrics_tab
from recsys.ui.my_films.tab import yours_tab
from recsys.ui.rate.tab import Lists, rate_tab
from recsys.ui.shared import cards
from recsys.ui.shared.film_actions import act_carrier
from recsys.ui.shared.latent_spaces import LatentSpaces
from recsys.ui.tools import add_endpoints

POLL_SECONDS = 0.5
STORAGE_KEY = "movie-vae-guest"  # under which a browser keeps what a guest has said
SECRET = "not secret: these are a visitor's own"  # fixed, so that it outlasts a restart of the server
AT_ONCE = 2  # calls of one handler
MOST_WAITING = 256  # calls that wait for their turn
MOST_SESSIONS = 1000  # open pages whose state is remembered, up to 1.8 MB each; who was away longest begins anew


def build_page(engine: Engine, shelves: Shelves, dataset: str | None = None, hugging_face: bool = False) -> gr.Blocks:
    """The whole page; it answers from the first moment and shows its tabs once there is a model.

    Args:
        engine: has the model.
        shelves: what people have said about films.
        dataset: where other models than the engine's may learn; None: the data set that its model names.
        hugging_face: whether people can sign in with an account there.
    """
    spaces: LatentSpaces = Background(WeakKeyDictionary())
    with gr.Blocks(title="Films for you") as page:
        bar = account_bar()
        status = gr.HTML(cards.waiting("Opening the page", None), elem_id="status")
        again = gr.Button("Try again", visible=False, elem_id="again")
        kept = gr.BrowserState({}, storage_key=STORAGE_KEY, secret=SECRET)
        carrier = act_carrier()
        with gr.Column(visible=False) as body, gr.Tabs(overflow_behavior="wrap"):
            with gr.Tab("Rate", elem_id="rate-tab", id="rate"):
                lists, content = rate_tab(engine, shelves, kept, spaces, carrier)
            contents = [content]
            with gr.Tab("Genres", elem_id="genre-tab", id="genres"):
                contents.append(genre_tab(engine, shelves, kept))
            with gr.Tab("Yours", elem_id="yours-tab", id="yours") as tab:
                contents.append(yours_tab(engine, shelves, kept, tab))
            with gr.Tab("Explore", elem_id="explore-tab", id="explore") as tab:
                contents.append(explore_tab(engine, shelves, kept, spaces, tab, dataset))
            with gr.Tab("Metrics", elem_id="metrics-tab", id="metrics"):
                contents.append(metrics_tab(engine))
        source = gr.HTML(elem_id="source")
        arrive(
            engine,
            shelves,
            page,
            kept,
            StatusBar(status, again, body, source),
            AccountBar(bar, hugging_face),
            contents,
            lists,
        )
        add_endpoints(engine)
    page.state_session_capacity = MOST_SESSIONS
    return page.queue(default_concurrency_limit=AT_ONCE, max_size=MOST_WAITING)


@dataclass(frozen=True, eq=False)
class StatusBar:
    """The components that tell where the engine stands: what it is doing, and at the foot where its model is from."""

    status: gr.HTML
    again: gr.Button
    body: gr.Column
    source: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """All of them."""
        return [self.status, self.again, self.body, self.source]

    def updates(self, engine: Engine) -> Updates:
        """What they show."""
        model, problem = engine.recommender, engine.problem
        return {
            self.status: self.text(engine),
            self.again: gr.Button(visible=model is None and problem is not None),
            self.body: gr.Column(visible=model is not None),
            self.source: NOTHING if model is None else cards.note(about(model, engine.sentence)),
        }

    def waits(self, stage: str) -> Updates:
        """What they show while it is not known to whom."""
        return {self.status: cards.waiting(stage, None), self.body: gr.Column(visible=False)}

    def text(self, engine: Engine) -> Markup:
        """What is being done, or why there is nothing."""
        if engine.recommender is None:
            return (
                cards.problem(without_folders(engine.problem))
                if engine.problem
                else cards.waiting(engine.stage, engine.done)
            )
        if engine.improving:
            hint = "You can begin: a quick model answers, and a better one takes its place as soon as it is trained."
            return cards.note(hint) + cards.waiting(engine.stage, engine.done)
        return cards.note(f"No better model: {without_folders(engine.problem)}") if engine.problem else NOTHING


@dataclass(frozen=True, eq=False)
class AccountBar:
    """The component that tells who is here; hugging_face: whether people can sign in with an account there."""

    bar: gr.HTML
    hugging_face: bool

    def shown(self, shelves: Shelves, request: gr.Request) -> Markup:
        """What it shows to whoever makes a request."""
        members = shelves.members
        try:
            person = shelves.person(request)
            if person is not None:
                return bar_for(person.name, warning=members.warning, own=members.store.accounts.has_password(person))
            return self.guest(members, members.problem or "")
        except DataError as reason:
            return self.guest(members, without_folders(str(reason)), ended=has_ended(reason))

    def guest(self, members: Members, problem: str, ended: bool = False) -> Markup:
        """What it shows to a guest."""
        sentence = problem[:1].upper() + problem[1:]
        return bar_for(None, sentence, members.warning, hugging_face=self.hugging_face, ended=ended)


def about(model: Recommender, sentence: str) -> str:
    """What answers, and where it came from."""
    n_films, name = len(model.titles.item_of), model.artifact.name
    return f"{n_films:,} films; the model that chooses is {name}. {without_folders(sentence)}"


def arrive(
    engine: Engine,
    shelves: Shelves,
    page: gr.Blocks,
    kept: gr.BrowserState,
    standing: StatusBar,
    who: AccountBar,
    contents: Sequence[TabContent],
    lists: Lists,
) -> None:
    """Ask the engine now and then, until nothing better is to come; tabs are filled with the first model."""
    timer, filled, greeted = gr.Timer(POLL_SECONDS), gr.State(None), gr.State(False)

    def show(shown: int | None, was_greeted: bool, held: Any, steps: Any, request: gr.Request) -> Updates:
        model, opening = engine.recommender, shelves.members.opening
        waits = (model is None and not engine.problem) or engine.improving or opening
        updates = standing.updates(engine) | {timer: gr.Timer(active=waits)}
        if not opening and not was_greeted:
            updates |= {who.bar: who.shown(shelves, request), greeted: True}
        may_be_member = opening and SESSION in request.cookies
        if model is not None and may_be_member:
            updates |= standing.waits("Looking for your account")
        elif model is not None and shown != id(model):
            shelf, back = shelf_or_guest(shelves, model, held, request)
            if shown is None:
                updates |= back
                for content in contents:
                    updates |= content.updates(model, shelf)
            elif shelf.ratings:  # while a guest's first rating is on its way, there is nothing to draw anew
                updates |= lists.for_you(model, shelf, steps)
            updates[filled] = id(model)
        return updates

    def shelf_or_guest(
        shelves: Shelves, model: Recommender, held: object, request: gr.Request
    ) -> tuple[Shelf, Updates]:
        """Whose shelf is shown, with what a guest brings to a new account; a guest's if the account is out of reach."""
        try:
            shelf = shelves.of(model, held, request)
            return shelf, ({kept: brought(model, shelf, held)} if isinstance(shelf, MemberShelf) else {})
        except DataError:
            return GuestShelf(model, held), {}

    standing.again.click(engine.start, **NOT_AN_ENDPOINT).then(
        lambda: gr.Timer(active=True), outputs=timer, **NOT_AN_ENDPOINT
    )
    outputs: list[Any] = [*standing.outputs, timer, filled, greeted, who.bar, kept]
    outputs += [component for content in contents for component in content.outputs]
    gr.on([page.load, timer.tick], show, inputs=[filled, greeted, kept, lists.adventure], outputs=outputs, **UNCHECKED)


def brought(model: Recommender, shelf: MemberShelf, held: object) -> Any:
    """Take what a guest has said in this browser into an account that has nothing yet; what the browser then keeps."""
    guest = GuestShelf(model, held)
    ratings, marks = guest.ratings, guest.marks
    if not (ratings or marks) or shelf.ratings or shelf.marks:
        return gr.skip()
    shelf.take(ratings, marks)
    gr.Info(f"{len(ratings) + len(marks)} films came along into your account.")
    return {}
