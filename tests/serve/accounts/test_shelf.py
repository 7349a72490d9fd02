"""What people say about films: a guest's browser and a member's account answer alike, whatever is done."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import gradio as gr
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from recsys.artifacts.artifact import load_artifact, save_artifact
from recsys.errors import DataError
from recsys.recommend.answers import recommend
from recsys.recommend.film_keys import keys_of
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.film_names import titled
from recsys.serve.accounts.guest_changes import MOST_TAKEN, MOST_UNDONE, ms_of
from recsys.serve.accounts.guest_shelf import GuestShelf, Taken
from recsys.serve.accounts.members import Members
from recsys.serve.accounts.shelf import MemberShelf, Shelves, dataset_of
from recsys.serve.security.cookies import SESSION, SessionCookie
from recsys.store import SignedOutError, open_store
from recsys.ui.acts.film_actions import Act, refused, told
from tests.support.pages.page_server import BOLD, TWIN, made, write_board
from tests.support.store_places import CHEAP

FILMS = [BOLD, TWIN, "Film 8 (1968)", "Film 9 (1969)"]
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("rate"), st.sampled_from(FILMS), st.sampled_from([None, 1.0, 4.0, 5.0])),
        st.tuples(st.just("mark"), st.sampled_from(FILMS), st.sampled_from([None, "later", "hidden", "seen"])),
        st.just(("undo",)),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def board(tmp_path_factory):
    return made("ease", write_board(tmp_path_factory.mktemp("shelf") / "board"))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with open_store(tmp_path_factory.mktemp("shelf") / "people.sqlite3", config=CHEAP) as opened:
        yield opened


@pytest.fixture(scope="module")
def names():
    return iter(f"Person {number}" for number in range(10**6))


@pytest.fixture
def ann(board, store, names):
    token = store.accounts.register(next(names), "four random words", "here")
    yield MemberShelf(board, store, store.accounts.person_of(token))
    store.accounts.sign_out_everywhere(store.accounts.person_of(token))


def again(shelf, board):
    """The shelf as it is after its content was in the browser, or in the store."""
    if isinstance(shelf, GuestShelf):
        return GuestShelf(board, json.loads(json.dumps(shelf.stored())))
    return shelf


@given(DEEDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_guests_and_members_see_the_same_after_the_same(board, store, names, deeds):
    person = store.accounts.person_of(store.accounts.register(next(names), "four random words", next(names)))
    guest, member = GuestShelf(board, {}), MemberShelf(board, store, person)
    for name, *arguments in deeds:
        assert getattr(guest, name)(*arguments) == getattr(member, name)(*arguments)
        guest = again(guest, board)
        assert guest.ratings == member.ratings
        assert guest.marks == member.marks
        assert list(guest.ratings) == list(member.ratings)


def test_the_newest_comes_first(board, ann):
    for shelf in (GuestShelf(board, {}), ann):
        for film in (BOLD, TWIN, BOLD):
            shelf.rate(film, 4 if BOLD in shelf.ratings else 5)
        assert list(shelf.ratings) == [BOLD, TWIN]


def test_a_guest_undoes_the_last_changes_and_no_more(board):
    shelf = GuestShelf(board, {})
    for number in range(MOST_UNDONE + 5):
        shelf.rate(BOLD, 1.0 + number % 2)
    undone = [shelf.undo() for _ in range(MOST_UNDONE + 1)]
    assert undone[-1] == ""
    assert undone[0] == f"Undone: {BOLD} has 2 stars again."
    assert all(undone[:-1])


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        "x",
        {"ratings": 3, "marks": [BOLD], "changes": {}},
        {"ratings": {BOLD: "5", 3: 4}, "marks": {BOLD: ["later"], "No film": "later", TWIN: "loved"}},
        {"changes": [1, None, ["ratings"], ["_model", BOLD, 1], ["ratings", ["x"], 1], ["ratings", "No film", 3]]},
        {"ratings": {f"Nothing {number}": 5 for number in range(10**5)}},
    ],
)
def test_of_what_a_browser_brings_only_what_makes_sense_counts(board, kept):
    shelf = GuestShelf(board, kept)
    assert shelf.ratings == shelf.marks == {}
    assert shelf.undo() == ""
    shelf.rate(BOLD, 3.0)
    assert shelf.ratings == {BOLD: 3.0}
    assert len(json.dumps(shelf.stored())) < 100_000


def test_only_what_a_page_keeps_goes_back_to_a_browser_and_nothing_that_gradio_takes_for_a_file(board, ann):
    file = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
    sound = [["ratings", TWIN, 4, 0], ["marks", BOLD, None, 3]]
    unsound = [
        file,
        ["ratings", BOLD, file, 0],
        ["marks", BOLD, "x", 0],
        ["ratings", BOLD, 10**400, 0],
        ["x", BOLD, 4, 0],
    ]
    kept = {
        "ratings": {BOLD: file, TWIN: 4, "Elsewhere (1999)": 3.5, "x": float("nan")},
        "marks": {BOLD: file, TWIN: "x", "Elsewhere (1999)": "later"},
        "changes": [
            *unsound,
            *sound,
            ["marks", BOLD, "later", 0.5],
            ["marks", BOLD, "later", -1],
            ["ratings", BOLD, 4],
        ],
        "times": {BOLD: 5, TWIN: 10**12, "Elsewhere (1999)": file, "x": 7},
        "more": file,
    }
    back = {"ratings": {TWIN: 4, "Elsewhere (1999)": 3.5}, "marks": {"Elsewhere (1999)": "later"}, "changes": sound}
    back["times"] = {TWIN: 10**12}
    assert GuestShelf(board, kept).stored() == back
    hers = MemberShelf(board, ann._store, ann._person, kept)
    assert hers.stored() == back


def test_several_ids_of_a_film_are_one_film(board):
    keys = keys_of(board)
    assert keys.key_of(2) == keys.key_of(4)
    assert titled(board, {keys.key_of(2): 4.0, 12345: 5.0}) == {TWIN: 4.0}


def test_lists_are_kept_for_members_once_with_model_version_and_request(board, ann):
    films = recommend(board, {BOLD: 5.0})
    for request in ({"adventure": 0.0}, {"adventure": 0.0}, {"adventure": 0.5}):
        ann.record("for you", board, request, films)
    ann.record("for you", board, {"adventure": 0.5}, films[:3])
    ann.record("for you", board, {"adventure": 0.5}, [])  # nothing was shown
    shown = ann.lists()
    assert [(each.request["adventure"], each.n_films) for each in shown] == [(0.5, 3), (0.5, 10), (0.0, 10)]
    assert {(each.kind, each.model, each.version) for each in shown} == {("for you", "ease", board.version)}
    opened = ann.open_list(shown[1].id)
    assert [film.item_id for film in opened.films] == [keys_of(board).key_of(film.item_id) for film in films]


def test_a_member_is_shown_what_holds_after_every_change_though_it_is_read_once(board, ann, monkeypatch):
    reads = []
    read = ann._store.ratings.ratings_and_marks
    monkeypatch.setattr(ann._store.ratings, "ratings_and_marks", lambda *given: reads.append(given) or read(*given))
    ann.rate(BOLD, 4.0)
    assert (ann.ratings, ann.marks) == ({BOLD: 4.0}, {})
    ann.mark(TWIN, "later")
    assert (ann.ratings, ann.marks) == ({BOLD: 4.0}, {TWIN: "later"})
    ann.undo()
    assert (ann.ratings, ann.marks) == ({BOLD: 4.0}, {})
    ann.take({TWIN: 2.0}, {})
    assert ann.ratings == {BOLD: 4.0, TWIN: 2.0}
    assert len(reads) == 4


def test_a_member_knows_when_each_film_was_given_the_stars_that_it_has(ann):
    ann.rate(BOLD, 4.0)
    ann.rate(TWIN, 3.0)
    first = ann.times
    assert [*first] == [TWIN, BOLD]
    ann.rate(BOLD, 5.0)
    assert [*ann.times] == [BOLD, TWIN]
    assert ann.times[BOLD] > first[TWIN] == ann.times[TWIN]


def test_a_version_is_that_of_the_artifact_wherever_it_was_loaded(board, tmp_path):
    save_artifact(tmp_path / "model", board.artifact)
    assert load_artifact(tmp_path / "model").fingerprint() == board.version
    twice = made("ease", write_board(tmp_path / "board"))
    assert twice.version == board.version
    other = made("popularity", write_board(tmp_path / "again"))
    assert other.version != board.version
    assert len(other.version) == 12


# ---- whose shelf it is


# ---- a file that a guest takes


def test_a_guest_takes_a_file_and_one_undo_takes_all_of_it_back(board):
    shelf = GuestShelf(board, {})
    shelf.rate(BOLD, 1.0)
    shelf.rate(TWIN, 5.0)
    before = (shelf.ratings, [*shelf.ratings], shelf.marks)
    taken = shelf.take({BOLD: 4.0, TWIN: 5.0, "Film 8 (1968)": 3.0, "Nobody": 3.0}, {"Film 9 (1969)": "later"})
    assert taken == Taken(1, 1, 1, 0)
    shelf = again(shelf, board)
    assert shelf.ratings == {BOLD: 4.0, TWIN: 5.0, "Film 8 (1968)": 3.0}
    assert shelf.marks == {"Film 9 (1969)": "later"}
    shelf.rate("Film 8 (1968)", 2.0)
    shelf.undo()
    assert shelf.undo() == "Undone: 3 films are as they were."
    assert (shelf.ratings, [*shelf.ratings], shelf.marks) == before
    assert shelf.undo() == f"Undone: {TWIN} is as it was before."


DAYS = {BOLD: datetime(2020, 1, 2, tzinfo=UTC), TWIN: datetime(2021, 3, 4, tzinfo=UTC)}
MS = {title: ms_of(day) for title, day in DAYS.items()}


def test_when_a_guest_rated_comes_along_into_an_account(board, ann):
    shelf = GuestShelf(board, {})
    shelf.take({BOLD: 4.0, TWIN: 5.0, "Film 8 (1968)": 3.0}, {}, MS)
    shelf = again(shelf, board)
    assert {title: shelf.times[title] for title in DAYS} == DAYS
    assert datetime.now(UTC) - shelf.times["Film 8 (1968)"] < timedelta(hours=1)
    ann.take(shelf.ratings, shelf.marks, shelf.times)
    assert {title: ann.times[title] for title in DAYS} == DAYS
    assert [*ann.times] == ["Film 8 (1968)", TWIN, BOLD]


def test_an_undo_brings_back_when_a_guest_rated(board):
    shelf = GuestShelf(board, {"ratings": {BOLD: 4.0}, "times": MS})
    assert shelf.times == {BOLD: DAYS[BOLD]}
    for name, *said in (("rate", BOLD, None), ("rate", BOLD, 2.0), ("take", {BOLD: 1.0}, {})):
        getattr(shelf, name)(*said)
        assert shelf.times.get(BOLD) != DAYS[BOLD]
        shelf = again(shelf, board)
        shelf.undo()
        assert (shelf.times, shelf.ratings) == ({BOLD: DAYS[BOLD]}, {BOLD: 4.0})
    shelf.take({TWIN: 5.0}, {}, MS)
    shelf.undo()
    assert again(shelf, board).stored()["times"] == {BOLD: MS[BOLD]}


@pytest.mark.parametrize("at", [None, "2020-01-02", -1, 1.5, True, 10**13, float("nan"), [5], {"path": "/etc/passwd"}])
def test_what_is_no_moment_is_not_kept(board, at):
    assert GuestShelf(board, {"ratings": {BOLD: 4.0}, "times": {BOLD: at, TWIN: 5}}).times == {}
    shelf = GuestShelf(board, {"ratings": {TWIN: 4.0}, "times": at})
    shelf.take({BOLD: 4.0}, {}, {BOLD: at})
    assert datetime.now(UTC) - shelf.times[BOLD] < timedelta(hours=1)
    assert TWIN not in shelf.times
    unsound = [["ratings", BOLD, 4, 0, at], ["taken", {"ratings": {}, "marks": {}, "times": at or 7}]]
    unsound += [["taken", {"ratings": {}, "marks": {}, "times": {BOLD: at or 1.5}}]]
    assert GuestShelf(board, {"changes": unsound}).stored()["changes"] == []


def test_a_guest_takes_no_more_than_there_is_room_for_and_loses_nothing_of_it(board, monkeypatch):
    monkeypatch.setattr("recsys.serve.accounts.guest_shelf.MOST_RATINGS", 2)
    shelf = GuestShelf(board, {"ratings": {BOLD: 4.0}})
    assert shelf.take({TWIN: 5.0, "Film 8 (1968)": 3.0, BOLD: 2.0}, {}) == Taken(1, 1, 0, 1)
    assert shelf.ratings == {BOLD: 2.0, TWIN: 5.0}


def test_what_a_guest_keeps_of_files_fits_into_what_a_browser_may_send(board):
    titles = [*board.titles.item_of]
    shelf = GuestShelf(board, {})
    for stars in (3.0, 4.0, 5.0) * 20:
        shelf.take(dict.fromkeys(titles, stars), dict.fromkeys(titles, "later" if stars < 4 else "hidden"))
    assert sum(change[0] == "taken" for change in shelf.stored()["changes"]) == 1


TAKEN = [
    None,
    [],
    "x",
    {"<b>": 4.0},
    {BOLD: "4"},
    {BOLD: float("nan"), TWIN: 99},
    {BOLD: [1]},
    {str(n): 4.0 for n in range(5000)},
]


@pytest.mark.parametrize("said", TAKEN, ids=range(len(TAKEN)))
def test_a_file_that_says_nothing_of_films_changes_nothing(board, said):
    shelf = GuestShelf(board, {"ratings": {TWIN: 4.0}})
    taken = shelf.take(said, said)
    assert (taken.n_new, taken.n_changed, taken.n_marked) == (0, 0, 0)
    assert shelf.stored() == {"ratings": {TWIN: 4.0}, "marks": {}, "changes": []}


@pytest.mark.parametrize(
    "change",
    [
        ["taken"],
        ["taken", None],
        ["taken", {"ratings": {}}],
        ["taken", {"ratings": {BOLD: "x"}, "marks": {}}],
        ["taken", {"ratings": {}, "marks": {BOLD: 4.0}}],
        ["taken", {"ratings": {str(n): None for n in range(MOST_TAKEN + 1)}, "marks": {}}],
        ["taken", {"ratings": [], "marks": {}}],
        [["taken"], BOLD, None, 0],
    ],
    ids=range(8),
)
def test_a_change_of_many_films_that_was_never_kept_is_left_out(board, change):
    assert GuestShelf(board, {"changes": [change]}).undo() == ""


def request_with(**cookies):
    return SimpleNamespace(cookies=cookies)


@pytest.fixture
def shelves(store):
    members = Members(lambda: store)
    members.start()
    members._thread.join()
    return Shelves(members, SessionCookie(lambda: b"key"))


def signed(shelves, token):
    header = shelves.cookie.header(token, 100, False)
    return header.split("=", 1)[1].split(";")[0]


def test_a_signed_token_of_a_session_is_who_it_is_and_nothing_else_is_anybody(shelves, store, board, names):
    token = store.accounts.register(next(names), "four random words", next(names))
    value = signed(shelves, token)
    assert shelves.of(board, {}, request_with(**{SESSION: value})).name == store.accounts.person_of(token).name
    assert shelves.of(board, {}, request_with()).name is None
    stranger = SessionCookie(lambda: b"another key").header(token, 100, False).split("=", 1)[1].split(";")[0]
    for forged in (token, value[:-1], value + "x", stranger, "x" * 10**5, signed(shelves, "no session")):
        with pytest.raises(SignedOutError, match="you are signed out"):
            shelves.of(board, {}, request_with(**{SESSION: forged}))
    store.accounts.sign_out(token)
    with pytest.raises(SignedOutError, match="sign in again"):
        shelves.of(board, {}, request_with(**{SESSION: value}))


def test_what_the_browser_has_kept_does_not_count_for_members(shelves, store, board, names):
    value = signed(shelves, store.accounts.register(next(names), "four random words", next(names)))
    kept = {"ratings": {BOLD: 5.0}}
    assert shelves.of(board, kept, request_with(**{SESSION: value})).ratings == {}
    assert shelves.of(board, kept, request_with()).ratings == {BOLD: 5.0}


# ---- what is done


def event(**said):
    return gr.EventData(None, said)


def test_an_act_does_what_it_says_and_says_so(board):
    shelf = GuestShelf(board, {})
    sentences = [
        Act.of(event(do=do, film=film, stars=stars, seq=1)).on(shelf, board)
        for do, film, stars in (
            ("rate", BOLD, 1),
            ("later", TWIN, None),
            ("hidden", "Film 8 (1968)", None),
            ("unmark", TWIN, None),
            ("remove", BOLD, None),
            ("undo", None, None),
        )
    ]
    assert sentences == [
        f"{BOLD}: 1 star.",
        f"{TWIN}: saved to Watch later.",
        "Film 8 (1968) will not be recommended again.",
        f"{TWIN} may be recommended again.",
        f"{BOLD}: your stars are removed.",
        f"Undone: {BOLD} has 1 star again.",
    ]
    assert (shelf.ratings, shelf.marks) == ({BOLD: 1.0}, {"Film 8 (1968)": "hidden"})
    assert Act.of(event(do="undo")).on(GuestShelf(board, {}), board) == "There is nothing to undo."


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "This cannot be done with a film: expected one of rate, remove, hidden"),
        ({"do": ["rate"]}, "This cannot be done"),
        ({"do": "rate", "film": "No film", "stars": 4}, "No film of this page is called “No film”"),
        ({"do": "hidden", "film": {"a": 1}}, "No film of this page is called “”"),
        ({"do": "rate", "film": BOLD, "stars": 4.5}, "got 4.5 stars"),
        ({"do": "rate", "film": BOLD, "stars": float("nan")}, "got nan stars"),
        ({"do": "rate", "film": BOLD, "stars": None}, "got None stars"),
        ({"do": "later", "film": "x" * 10**6}, "No film of this page is called “x{80}”"),
    ],
)
def test_what_is_no_act_is_refused_and_changes_nothing(board, said, sentence):
    shelf = GuestShelf(board, {"ratings": {BOLD: 3.0}})
    with pytest.raises(DataError, match=sentence):
        Act.of(event(**said)).on(shelf, board)
    assert shelf.ratings == {BOLD: 3.0}


@pytest.mark.parametrize("data", [None, [], "x", 5])
def test_what_is_no_event_is_refused(data):
    with pytest.raises(DataError, match="This cannot be done"):
        Act.of(gr.EventData(None, data))
    assert refused(DataError("/home/me/secret/file: no"), gr.EventData(None, data)).startswith(
        '<span data-seq="0" data-failed>'
    )


def test_what_is_told_is_escaped_and_carries_the_number_that_the_browser_waits_for():
    done = told("<b>x</b>: 4 stars.", event(seq=7))
    assert done.startswith('<span data-seq="7">&lt;b&gt;x&lt;/b&gt;: 4 stars.</span><button')
    assert "undo" not in told("Undone.", event(seq=8), back=Markup())
    failed = refused(DataError("<i> /home/me/x/people.sqlite3: no"), event(seq=2**60))
    assert failed == '<span data-seq="0" data-failed>Not kept: &lt;i&gt; people.sqlite3: no</span>'


def test_the_data_set_of_a_model_names_where_its_films_are_from(board):
    assert dataset_of(board) == "board, by title"
    assert isinstance(board, Recommender)
