"""What people take away: one file at a time for a person, sent as it is read, and given up if it is not."""

import asyncio
import json

import pytest

from recsys.serve.accounts import downloads
from recsys.serve.accounts.downloads import ONE_EACH, TOO_MANY, BusyError, Download, Downloads
from recsys.ui.my_films.history import no_longer


def test_a_person_takes_one_file_at_a_time_and_a_few_do_at_once(monkeypatch):
    monkeypatch.setattr(downloads, "MOST_AT_ONCE", 3)
    going = Downloads()
    ends = [going.begin(person) for person in range(2)]
    with pytest.raises(BusyError, match=ONE_EACH):
        going.begin(0)
    ends.append(going.begin(2))
    with pytest.raises(BusyError, match=TOO_MANY):
        going.begin(3)
    ends[0]()
    ends[0]()  # a second time does nothing
    again = going.begin(0)
    ends[0]()  # nor does it end another one
    with pytest.raises(BusyError, match=ONE_EACH):
        going.begin(0)
    again()
    assert going.begin(0)


def test_what_was_never_sent_is_over_in_the_end(monkeypatch):
    monkeypatch.setattr(downloads, "MOST_SECONDS", -1.0)
    going = Downloads()
    going.begin(0)
    assert going.begin(0)


def sent(response, take):
    """Send a response to somebody who takes each message by a coroutine; the messages."""
    messages = []

    async def send(message):
        await take(message)
        messages.append(message)

    asyncio.run(response({"type": "http"}, None, send))
    return messages


async def at_once(message):
    pass


@pytest.mark.parametrize("size", [0, 10, 2**16, 2**21 + 1])
def test_a_file_comes_whole_in_pieces_and_says_how_long_it_is(size):
    ended = []
    text = "é" * (size // 2) + "x" * (size % 2)
    response = Download(lambda file: file.write(text), lambda: ended.append(True), "text/csv", "films.csv")
    assert not ended
    start, *bodies = sent(response, at_once)
    headers = dict(start["headers"])
    assert headers[b"content-length"] == str(size).encode()
    assert headers[b"content-disposition"] == b'attachment; filename="films.csv"'
    assert headers[b"cache-control"] == b"no-store"
    assert b"".join(body["body"] for body in bodies).decode() == text
    assert [body["more_body"] for body in bodies] == [True] * (len(bodies) - 1) + [False]
    assert max(len(body["body"]) for body in bodies) <= downloads.PIECE
    assert ended == [True]


def test_half_a_surrogate_is_an_escape_of_json():
    response = Download(lambda file: file.write('["\ud800"]'), lambda: None, "application/json", "x")
    content = b"".join(message.get("body", b"") for message in sent(response, at_once))
    assert json.loads(content) == ["\ud800"]


@pytest.mark.parametrize("limit", ["STALLED_SECONDS", "MOST_SECONDS"])
def test_who_does_not_read_is_given_up(monkeypatch, caplog, limit):
    monkeypatch.setattr(downloads, limit, 0.01)
    ended = []

    async def never(message):
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    response = Download(lambda file: file.write("x" * 10), lambda: ended.append(True), "text/csv", "films.csv")
    (start,) = sent(response, never)
    assert start["type"] == "http.response.start"
    assert ended == [True]
    assert "A download was not read" in caplog.text


def test_what_cannot_be_written_is_over_and_says_why():
    ended = []

    def write(file):
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        Download(write, lambda: ended.append(True), "text/csv", "films.csv")
    assert ended == [True]


def test_a_page_says_how_much_is_gone_and_nothing_if_all_is_there():
    assert no_longer(0, 1000, "lists") == ""
    assert "Of your lists, at most the newest 1,000 are kept: 1 older one is gone." in no_longer(1, 1000, "lists")
    assert "the newest 50,000 are kept: 1,312 older ones are gone." in no_longer(1312, 50_000, "changes")
