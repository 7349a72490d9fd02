"""What stands before the page, piece by piece: bodies that are read whole or not at all, and room for so many."""

import asyncio
import json
import secrets
from collections import Counter
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from recsys.serve.security import bodies, turns, unfetched
from recsys.serve.security.bodies import BODY, BROKE_OFF, BUSY, IMPORT, NOBODY, Bodies
from recsys.serve.security.guard import Guard
from recsys.serve.security.headers import SecurityHeaders
from recsys.serve.security.shares import NoRoomError, Room, Shares
from recsys.serve.security.turns import FairTurns
from recsys.serve.security.unfetched import Unfetched
from recsys.serve.security.visitors import Visitor, digest, network

EVENT = "/gradio_api/queue/join"
CSV = b"Const,Your Rating,Title\ntt0116282,10,Fargo\n"

# ---- somebody who sends a body as it comes


class Sender:
    """A request whose body comes in pieces; None for a piece: the connection ends."""

    def __init__(self, pieces, path=IMPORT, address="192.0.2.1", cookie="", **headers):
        self.pieces, self.n_read, self.answered = list(pieces), 0, []
        given = {"cookie": cookie, **headers}
        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items() if value]
        base = {"type": "http", "method": "POST", "scheme": "http", "query_string": b"", "root_path": ""}
        self.scope = {**base, "path": path, "headers": named, "client": (address, 1)}

    async def receive(self):
        if not self.pieces:
            await asyncio.Event().wait()  # no more comes
        piece = self.pieces.pop(0)
        if piece is None:
            return {"type": "http.disconnect"}
        self.n_read += len(piece)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}

    async def send(self, message):
        self.answered.append(message)

    @property
    def status(self):
        return self.answered[0]["status"]

    @property
    def sentence(self):
        return json.loads(self.answered[1]["body"])["problem"]


class Page:
    """An application that keeps what reaches it."""

    def __init__(self):
        self.reached = []

    async def __call__(self, scope, receive, send):
        self.reached.append((await receive())["body"])
        await JSONResponse({})(scope, receive, send)


def asked(front, *senders):
    async def all_of_them():
        await asyncio.gather(*(front(sender.scope, sender.receive, sender.send) for sender in senders))

    asyncio.run(all_of_them())
    return senders[0]


@settings(deadline=None)  # others may be at work here
@given(st.lists(st.binary(max_size=20), max_size=5), st.sampled_from([IMPORT, EVENT, "/account/register"]))
def test_a_body_that_breaks_off_never_reaches_the_page_and_the_sentence_says_so(pieces, path):
    page = Page()
    for front in (Bodies(page), Guard(page)):
        sender = asked(front, Sender([*pieces, None], path))
        assert page.reached == []
        assert (sender.status, sender.sentence) == (400, BROKE_OFF)


@settings(deadline=None)  # others may be at work here
@given(st.integers(0, len(CSV)), st.booleans())
def test_a_body_of_another_length_than_was_said_never_reaches_the_page(length, in_two):
    page, sent = Page(), CSV[:length]
    pieces = [sent[:5], sent[5:]] if in_two else [sent]
    sender = asked(Bodies(page), Sender(pieces, content_length=str(len(CSV))))
    assert page.reached == ([CSV] if length == len(CSV) else [])
    assert sender.status == (200 if length == len(CSV) else 400)


def test_a_body_comes_whole_in_how_many_pieces_it_may_be_sent():
    page = Page()
    asked(Guard(page), Sender([bytes([each]) for each in CSV]))
    assert page.reached == [CSV]


def test_a_body_that_takes_too_long_is_refused(monkeypatch):
    monkeypatch.setattr(bodies, "FILE_SECONDS", 0.01)
    page, sender = Page(), Sender([])
    asked(Bodies(page), sender)
    assert (sender.status, page.reached) == (408, [])
    assert sender.sentence == "This took more than 0.01 s to get here, so nothing was kept: try again."


def test_who_is_not_signed_in_is_told_before_the_file_is_read():
    page, sender = Page(), Sender([CSV])
    asked(Bodies(page, is_signed=lambda cookies: cookies.get("movie-vae-session") == "ann"), sender)
    assert (sender.status, sender.sentence, sender.n_read, page.reached) == (400, NOBODY, 0, [])
    asked(Bodies(page, is_signed=bool), Sender([CSV], cookie="movie-vae-session=ann"))
    assert page.reached == [CSV]


@pytest.mark.parametrize("path", ["/nothing", "/inner/nothing", "/inner/thing", "/", "/account/nothing"])
def test_what_no_route_takes_is_answered_without_being_read(path):
    async def thing(request):
        return JSONResponse({"read": len(await request.body())})

    inner = Starlette(routes=[Route("/thing", thing, methods=["GET"]), Route("/taken", thing, methods=["POST"])])
    app = Starlette(routes=[Route("/thing", thing, methods=["POST"]), Mount("/inner", inner)])
    app.add_middleware(Guard)
    sender = asked(app, Sender([b"x" * 1000], path))
    assert (sender.status, sender.n_read) == (405 if path == "/inner/thing" else 404, 0)
    for taken in ("/thing", "/inner/taken"):
        assert asked(app, Sender([b"x" * 1000], taken)).n_read == 1000


@pytest.mark.parametrize(("path", "most"), [("/account/register", bodies.MOST_BYTES), (EVENT, bodies.MOST_EVENT_BYTES)])
@pytest.mark.parametrize("is_said", [False, True])
def test_no_more_is_read_than_a_path_needs(path, most, is_said):
    page = Page()
    length = {"content_length": str(most + 1)} if is_said else {}
    sender = asked(Bodies(page), Sender([b"x" * most, b"x", b"x" * 10**6], path, **length))
    assert sender.status == 413
    assert sender.n_read <= (0 if is_said else most + 1)
    asked(Bodies(page), Sender([b"x" * most], path))
    assert [len(body) for body in page.reached] == [most]


def test_who_is_told_that_a_file_did_not_come_whole_can_rely_on_it():
    page = Page()
    front = Bodies(page)

    def came(upload, cookie="movie-vae-session=ann"):
        sender = Sender([], cookie=cookie)
        sender.scope |= {"method": "GET", "query_string": upload.encode()}
        return json.loads(asked(front, sender).answered[1]["body"])["came"]

    def send(upload):
        return asked(front, Sender([CSV], cookie="movie-vae-session=ann", x_upload=upload)).status

    assert not came("one")
    assert (send("one"), page.reached) == (400, [])
    assert (send("two"), page.reached) == (200, [CSV])
    assert came("two")
    assert not came("two", cookie="movie-vae-session=ben")


# ---- room for so many


class HalfSent(Sender):
    """Somebody who sends a part and keeps the line, until all are told to go."""

    def __init__(self, n_bytes, **who):
        super().__init__([b"x" * n_bytes], **who)
        self.waits, self.go = False, asyncio.Event()

    async def receive(self):
        if self.pieces:
            return {**await super().receive(), "more_body": True}
        self.waits = True
        await self.go.wait()
        return {"type": "http.disconnect"}


async def besieged(front, stuck):
    """All of them, until each is refused or waits; which of them wait."""
    tasks = [asyncio.create_task(front(each.scope, each.receive, each.send)) for each in stuck]
    while not all(each.waits or each.answered for each in stuck):
        await asyncio.sleep(0.001)
    held = [each for each in stuck if not each.answered]
    for each in stuck:
        each.go.set()
    await asyncio.gather(*tasks)
    return held


@pytest.mark.parametrize("of", ["one visitor", "one address", "all"])
def test_half_sent_bodies_hold_no_more_than_their_room_and_leave_room_for_others(of):
    who = {
        "one visitor": lambda n: {"cookie": "movie-vae-visitor=x"},
        "one address": lambda n: {"cookie": f"movie-vae-visitor={n}"},
        "all": lambda n: {"cookie": f"movie-vae-visitor={n}", "address": f"198.51.100.{n}"},
    }[of]
    front, size = Bodies(Page()), 300_000
    stuck = [HalfSent(size, path=path, **who(n)) for n in range(100) for path in (EVENT, IMPORT)]
    held = asyncio.run(besieged(front, stuck))
    n_bytes = {"one visitor": bodies.BYTES.of_visitor, "one address": bodies.BYTES.of_address}
    n_files = {"one visitor": bodies.FILES.of_visitor, "one address": bodies.FILES.of_address}
    files = [each for each in held if each.scope["path"] == IMPORT]
    assert len(files) == n_files.get(of, bodies.FILES.in_all)
    assert len(held) - len(files) == n_bytes.get(of, bodies.BYTES.in_all) // size
    assert {each.sentence for each in held} == {BROKE_OFF}
    assert {each.sentence for each in stuck if each not in held} == {BUSY}
    assert len(front._bytes) == len(front._files) == 0
    assert asked(front, Sender([b"{}"], EVENT)).status == 200


@settings(deadline=None)  # others may be at work here
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.integers(0, 6)), max_size=30))
def test_what_is_taken_is_within_every_bound_and_given_back(asks):
    shares, taken = Shares(Room(in_all=12, of_address=9, of_visitor=5)), []
    for who, address, amount in asks:
        visitor = Visitor(who, address, False)
        before = [sum(n for each, n in taken if fits(each)) for fits in bounds_of(visitor)]
        fits_in = all(n + amount <= most for n, most in zip(before, (12, 9, 5), strict=True))
        if fits_in:
            shares.take(visitor, amount)
            taken.append((visitor, amount))
        else:
            with pytest.raises(NoRoomError):
                shares.take(visitor, amount)
    for visitor, amount in taken:
        shares.give_back(visitor, amount)
    assert len(shares) == 0


def bounds_of(visitor):
    return lambda each: True, lambda each: each.address == visitor.address, lambda each: each.who == visitor.who


# ---- who it is


def test_addresses_of_one_network_are_one_place_and_nothing_is_remembered_at_length():
    assert network("2001:db8::1") == network("2001:db8::ffff:1") != network("2001:db8:0:1::1")
    assert network("192.0.2.1") == network("::ffff:192.0.2.1") != network("192.0.2.2")
    assert network("fe80::1%eth0") == "fe80::"
    assert len(digest("x" * 10**6)) == len(digest("")) == 32
    assert digest("\ud800") != digest("\ud801")


# ---- turns

ROOMY = Room(1000, 1000, 1000)
GUEST = Visitor("x", "192.0.2.1", False)


def visitors_of(names):
    return [Visitor(who, address, False) for address, who in names]


def order_of(names, room=ROOMY, at_once=1):
    """In which order visitors have their turns, all of whom ask at once; None for who is refused."""
    had, refused_ = [], []

    async def ask(fair, visitor, index):
        try:
            async with fair.turn(visitor):
                await asyncio.sleep(0)
                had.append(index)
        except NoRoomError:
            refused_.append(index)

    async def all_of_them():
        fair = FairTurns(Room(at_once, at_once, at_once), room)
        await asyncio.gather(*(ask(fair, visitor, at) for at, visitor in enumerate(visitors_of(names))))
        assert (len(fair._at_work), len(fair._waiting), len(fair._shares)) == (0, 0, 0)

    asyncio.run(all_of_them())
    return had, refused_


def test_nobody_waits_behind_all_that_one_other_asked_for():
    names = [("a", "greedy")] * 20 + [("a", "other"), ("b", "third")]
    had, refused_ = order_of(names)
    assert refused_ == []
    assert max(had.index(20), had.index(21)) <= 4
    had, refused_ = order_of(names, Room(100, 100, 3))
    assert refused_ == [*range(3, 20)]
    assert {20, 21} < set(had)


def test_an_address_of_many_visitors_takes_turns_with_other_addresses():
    names = [("a", f"made up {n}") for n in range(30)] + [("b", "other")]
    assert order_of(names)[0].index(30) <= 2


@settings(deadline=None)  # others may be at work here
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=40), st.integers(1, 4))
def test_everybody_has_a_turn_or_is_refused_and_no_turn_is_lost(names, at_once):
    had, refused_ = order_of(names, Room(20, 12, 5), at_once)
    assert sorted(had + refused_) == [*range(len(names))]
    assert len(had) >= min(len(names), 5)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=40))
def test_nobody_has_more_turns_at_once_than_one_may(names):
    at_work, most = Counter(), Counter()

    async def ask(fair, visitor):
        async with fair.turn(visitor):
            for key in ("all", visitor.address, visitor):
                at_work[key] += 1
                most[key] = max(most[key], at_work[key])
            await asyncio.sleep(0)
            for key in ("all", visitor.address, visitor):
                at_work[key] -= 1

    async def all_of_them():
        fair = FairTurns(Room(4, 3, 1), ROOMY)
        visitors = visitors_of((address, address + who) for address, who in names)
        await asyncio.gather(*(ask(fair, visitor) for visitor in visitors))
        assert (len(fair._at_work), len(fair._waiting)) == (0, 0)

    asyncio.run(all_of_them())
    assert all(most[key] <= {"all": 4, "a": 3, "b": 3, "c": 3}.get(key, 1) for key in most)
    assert most["all"] == min(4, sum(min(3, len({who for of, who in names if of == address})) for address in "abc"))


@pytest.mark.parametrize("gives_up", [False, True])
def test_who_waits_too_long_or_goes_leaves_the_line(gives_up):
    async def ask(fair):
        async with fair.turn(GUEST):
            pass

    async def story():
        fair = FairTurns(Room(1, 1, 1), Room(9, 9, 9), seconds=9.0 if gives_up else 0.01)
        async with fair.turn(GUEST):
            waiting = asyncio.create_task(ask(fair))
            await asyncio.sleep(0)
            if gives_up:
                waiting.cancel()
            with pytest.raises(asyncio.CancelledError if gives_up else NoRoomError):
                await waiting
            assert (len(fair._waiting), len(fair._shares)) == (0, 3)
        await ask(fair)
        assert (len(fair._at_work), len(fair._shares)) == (0, 0)

    asyncio.run(story())


def test_an_act_that_is_refused_is_told_so_without_the_page_being_asked():
    reached = []

    async def stuck(scope, receive, send):
        reached.append(scope)
        await asyncio.Event().wait()

    async def story():
        front = Guard(stuck, instead=lambda body: JSONResponse({"told": json.loads(body)["data"]}))
        senders = [
            Sender([b'{"data": %d}' % n], "/gradio_api/run/act", cookie="movie-vae-visitor=x") for n in range(60)
        ]
        forms = [Sender([b"{}"], "/account/register", cookie="movie-vae-visitor=x") for _ in range(60)]
        tasks = [asyncio.create_task(front(each.scope, each.receive, each.send)) for each in (*senders, *forms)]
        while sum(bool(each.answered) for each in (*senders, *forms)) < len(tasks) - 2 * turns.ROOM.of_visitor:
            await asyncio.sleep(0.001)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return senders, forms

    senders, forms = asyncio.run(story())
    told = [json.loads(each.answered[1]["body"])["told"] for each in senders if each.answered]
    assert told == [*range(60)][turns.ROOM.of_visitor :]
    assert {each.status for each in forms if each.answered} == {503}
    assert len(reached) == turns.GUESTS.of_visitor + turns.ROOM.of_visitor  # the others wait


def test_a_file_that_is_sent_again_takes_the_place_of_the_one_that_broke_off_unnoticed():
    """A browser sends once more, at once, what broke off, maybe several times before the server hears of the first."""

    async def story():
        front, cookie = Bodies(Page()), "movie-vae-visitor=x"
        stuck = [HalfSent(300_000, path=IMPORT, cookie=cookie, x_upload="7") for _ in range(6)]
        tasks = [asyncio.create_task(front(each.scope, each.receive, each.send)) for each in stuck]
        while sum(bool(each.answered) for each in stuck) < len(stuck) - 1:
            await asyncio.sleep(0.001)
        last = Sender([b"whole"], IMPORT, cookie=cookie, x_upload="7")
        await front(last.scope, last.receive, last.send)
        await asyncio.gather(*tasks)
        return front, stuck, last

    front, stuck, last = asyncio.run(story())
    assert {each.status for each in stuck} == {408}
    assert last.status == 200
    assert len(front._files) == len(front._readings) == 0


def test_a_full_queue_is_said_to_be_full():
    async def full(scope, receive, send):
        await JSONResponse({"detail": "Queue is full. Max size is 256 and size is 256."}, 503)(scope, receive, send)

    sender = asked(Guard(full), Sender([b"{}"], EVENT))
    assert (sender.status, sender.sentence) == (503, BUSY)


# ---- answers that nobody fetches


class Queue:
    """As much of Gradio's as there is to see."""

    def __init__(self):
        self.pending_event_ids_session, self.pending_messages_per_session = {}, {}

    async def clean_events(self, session_hash):
        pass

    async def answer(self, scope, receive, send):
        if scope["method"] == "POST":
            session, event = json.loads(scope[BODY])["session_hash"], f"event {secrets.token_hex(4)}"
            self.pending_event_ids_session.setdefault(session, set()).add(event)
            self.pending_messages_per_session[session] = "large"
            await JSONResponse({"event_id": event})(scope, receive, send)
        else:
            self.pending_event_ids_session.pop(scope["query_string"].decode().partition("=")[2], None)
            await JSONResponse({})(scope, receive, send)


def test_answers_that_nobody_fetches_are_bounded_and_dropped_after_a_while():
    now, queue = [0.0], Queue()
    front = Unfetched(queue.answer, SimpleNamespace(_queue=queue), clock=lambda: now[0])

    async def ask(session, cookie="movie-vae-visitor=x", method="POST"):
        sender = Sender([], EVENT if method == "POST" else "/gradio_api/queue/data", cookie=cookie)
        sender.scope |= {"method": method, BODY: json.dumps({"session_hash": session}).encode()}
        sender.scope["query_string"] = f"session_hash={session}".encode()
        await front(sender.scope, sender.receive, sender.send)
        return sender.status

    async def story():
        most = unfetched.ROOM.of_visitor
        assert [await ask(f"s{n}") for n in range(most + 2)] == [200] * most + [503] * 2
        assert await ask("other", "movie-vae-visitor=y") == 200
        await ask("s0", method="GET")
        assert [await ask("s0"), await ask("s0")] == [200, 503]
        now[0] = unfetched.SECONDS + 1
        front._listening["s0"] += 1
        await front.sweep()
        assert queue.pending_messages_per_session.keys() == queue.pending_event_ids_session.keys() == {"s0"}
        assert [await ask(f"t{n}") for n in range(most)] == [200] * (most - 1) + [503]
        front._sweeping.cancel()

    asyncio.run(story())


# ---- headers


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("space", ["", "someone/films"])
def test_every_answer_says_what_the_page_may_load_and_who_may_frame_it(scheme, space):
    app = Starlette(routes=[Route("/", lambda request: JSONResponse({}))])
    app.add_middleware(SecurityHeaders, environment={"SPACE_ID": space})
    client = TestClient(app, base_url=f"{scheme}://films.example")
    for path in ("/", "/nothing"):
        said = client.get(path).headers
        assert said["x-content-type-options"] == "nosniff"
        assert said["referrer-policy"] == "same-origin"
        assert said.get("x-frame-options") == (None if space else "SAMEORIGIN")
        framed = "https://huggingface.co https://*.huggingface.co https://*.hf.space" if space else "'self'"
        assert f"frame-ancestors {framed}" in said["content-security-policy"].split("; ")
        assert "object-src 'none'" in said["content-security-policy"]
        assert ("strict-transport-security" in said) == (scheme == "https")
