"""Files of guests: read without a cookie, within bounds of their own, and never kept here."""

import asyncio

import pytest
from starlette.responses import JSONResponse

from recsys.serve.security import bodies
from recsys.serve.security.bodies import BODY, BUSY, IMPORT, MOST_READ_BYTES, READ, Bodies
from recsys.serve.security.guard import Guard
from tests.serve.security.test_security import CSV, HalfSent, Page, Sender, asked, besieged


def nobody(cookies):
    """Nobody is signed in."""
    return False


def test_a_guests_file_is_read_without_a_cookie_and_to_keep_one_somebody_must_be_signed_in():
    page = Page()
    assert asked(Guard(page, is_signed=nobody), Sender([CSV], READ)).status == 200
    assert asked(Guard(page, is_signed=nobody), Sender([CSV], IMPORT)).status == 400
    assert page.reached == [CSV]


@pytest.mark.parametrize("said", [None, str(MOST_READ_BYTES + 1)])
def test_a_guests_file_is_refused_once_it_is_too_large(said):
    page, pieces = Page(), [b"x" * 500_000] * 10
    headers = {"content_length": said} if said else {}
    sender = asked(Bodies(page, nobody), Sender(pieces, READ, **headers))
    assert (sender.status, page.reached) == (413, [])
    assert sender.n_read == (0 if said else MOST_READ_BYTES + 500_000)
    assert sender.sentence == "Got more than 3,000,000 bytes; expected fewer."


def test_a_guests_file_that_another_site_sends_is_passed_on_unread_to_be_refused():
    was_read = []

    async def page(scope, receive, send):
        was_read.append(BODY in scope)
        await JSONResponse({})(scope, receive, send)

    sender = asked(Guard(page, is_signed=nobody), Sender([CSV], READ, origin="https://elsewhere.example", host="here"))
    asked(Guard(page, is_signed=nobody), Sender([CSV], READ, origin="https://here", host="here"))
    assert (sender.n_read, was_read) == (0, [False, True])


def test_half_sent_files_of_guests_hold_their_own_room_and_none_of_members():
    front = Bodies(Page())
    stuck = [HalfSent(1000, path=READ, cookie=f"movie-vae-visitor={n}", address=f"198.51.100.{n}") for n in range(50)]

    async def siege():
        held, whole = asyncio.create_task(besieged(front, stuck)), Sender([CSV], IMPORT, cookie="movie-vae-session=ann")
        await asyncio.sleep(0)
        await front(whole.scope, whole.receive, whole.send)
        return await held, whole

    held, whole = asyncio.run(siege())
    assert len(held) == bodies.GUEST_FILES.in_all
    assert {each.sentence for each in stuck if each not in held} == {BUSY}
    assert whole.status == 200
    assert len(front._guest_files) == len(front._files) == 0
    assert asked(front, Sender([CSV], READ)).status == 200
