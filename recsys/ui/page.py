"""The page: its bars and its tabs."""

from weakref import WeakKeyDictionary

import gradio as gr
from markupsafe import Markup

from recsys.artifacts.runs import RUNS
from recsys.serve.accounts.shelf import Shelves
from recsys.serve.background import Background
from recsys.serve.engine import Engine
from recsys.serve.evenings.evenings import Evenings
from recsys.serve.other_models import OtherModels
from recsys.ui.account.account_bar import AccountBar
from recsys.ui.account.bar import account_bar
from recsys.ui.account.take_over import offer_component, take_over
from recsys.ui.acts.film_actions import act_carrier, skip_link
from recsys.ui.addresses.restoring import address_carrier, addresses
from recsys.ui.arrival import arrive
from recsys.ui.explore.tab import explore_tab
from recsys.ui.film.handlers import film_panel
from recsys.ui.genres.address import genre_content
from recsys.ui.genres.tab import genre_tab
from recsys.ui.gradio_helpers import TabContent
from recsys.ui.metrics.tab import metrics_tab
from recsys.ui.my_films.tab import my_films_tab
from recsys.ui.posters.foot import posters_foot
from recsys.ui.rate.lists import Lists
from recsys.ui.rate.tab import rate_tab
from recsys.ui.renewing import renewing
from recsys.ui.shared import cards
from recsys.ui.shared.visits import SECRET, STORAGE_KEY, Visits
from recsys.ui.status_bar import StatusBar
from recsys.ui.tonight.tab import tonight_tab
from recsys.ui.tools import add_endpoints

AT_ONCE = 2  # calls of one handler
MOST_WAITING = 256  # calls that wait for their turn
MOST_SESSIONS = 1000  # open pages whose state is remembered, up to 1.8 MB each; who was away longest begins anew


def build_page(
    engine: Engine,
    shelves: Shelves,
    evenings: Evenings,
    dataset: str | None = None,
    hugging_face: bool = False,
    posters_from: Markup | None = None,
) -> gr.Blocks:
    """The whole page; it answers from the first moment and shows its tabs once there is a model.

    Args:
        engine: has the model.
        shelves: what people have said about films.
        evenings: of several people.
        dataset: where other models than the engine's may learn; None: the data set that its model names.
        hugging_face: whether people can sign in with an account there.
        posters_from: what is to be said of posters; None: the server has none.
    """
    with gr.Blocks(title="Movie VAE") as page:
        skip_link()
        who = AccountBar(account_bar(), hugging_face)
        catalogue = gr.HTML(apply_default_css=False, elem_id="catalogue")
        status = gr.HTML(cards.waiting("Opening the page", None), elem_id="status")
        again = gr.Button("Try again", visible=False, elem_id="again")
        stored = gr.BrowserState({}, storage_key=STORAGE_KEY, secret=SECRET)
        visits = Visits(engine, shelves, Background(WeakKeyDictionary()), stored, OtherModels(dataset, RUNS))
        carrier, address = act_carrier(), address_carrier()
        film_panel(visits)
        with gr.Column(visible=False) as body:
            offer = offer_component()
            lists, content = tabs(visits, carrier, evenings)
            content = TabContent.joined([content, take_over(visits, offer)])
        source = gr.HTML(elem_id="source")
        if posters_from is not None:
            posters_foot(posters_from)
        arrive(visits, page, StatusBar(status, again, body, source, catalogue), who, content, lists)
        addresses(visits, address, content.places)
        renewing(visits, carrier, content.renewals)
        add_endpoints(engine)
    page.state_session_capacity = MOST_SESSIONS
    return page.queue(default_concurrency_limit=AT_ONCE, max_size=MOST_WAITING)


def tabs(visits: Visits, carrier: gr.HTML, evenings: Evenings) -> tuple[Lists, TabContent]:
    """All tabs; the lists of the first, and what all of them show.

    Args:
        visits: find the model and who asks.
        carrier: the component that carries acts.
        evenings: of several people.
    """
    with gr.Tabs(overflow_behavior="wrap"):
        with gr.Tab("Rate", elem_id="rate-tab", id="rate"):
            lists, content = rate_tab(visits, carrier)
        contents = [content]
        with gr.Tab("Genres", elem_id="genre-tab", id="genres"):
            contents.append(genre_content(*genre_tab(visits)))
        with gr.Tab("Tonight", elem_id="tonight-tab", id="tonight") as tab:
            contents.append(tonight_tab(visits, tab, evenings))
        with gr.Tab("My films", elem_id="yours-tab", id="yours") as tab:
            contents.append(my_films_tab(visits, tab))
        with gr.Tab("Explore", elem_id="explore-tab", id="explore") as tab:
            contents.append(explore_tab(visits, tab))
        with gr.Tab("Metrics", elem_id="metrics-tab", id="metrics"):
            contents.append(metrics_tab(visits.engine))
    return lists, TabContent.joined(contents)
