"""TMDB on 127.0.0.1, as far as posters go: a server for the API and its pictures, and what may be wrong with it."""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

V3, V4 = "0123456789abcdef0123456789abcdef", "eyJhbGciOi.eyJhdWQiOiJ4.c2lnbmF0dXJl"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200)
PICTURES = "/t/p/w185"


def film(number, title, year, poster="", **more):
    """A film as TMDB describes it; its picture is called after its number unless told otherwise."""
    path = poster if poster != "" else f"/poster{number}.jpg"
    return {"id": number, "title": title, "release_date": f"{year}-06-01", "poster_path": path, **more}


@dataclass
class Answer:
    """What is sent instead of an answer.

    Attributes:
        status, headers, body: as they are sent.
        declared: bytes that the body is said to have; None: as many as it has.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None


class LoopbackTmdb:
    """The server.

    Attributes:
        films: by number. imdb: number by id at IMDb. pictures: (content type, bytes) by path; others are JPEG.
        asked: path of every request. queries: likewise. credentials: of every request to the API.
        trouble: part of a path -> what is sent instead.
        hold: requests wait until it is set.
    """

    def __init__(self):
        self.reset()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def reset(self):
        """Be new and in order."""
        self.films, self.imdb, self.pictures = {}, {}, {}
        self.asked, self.queries, self.credentials = [], [], []
        self.trouble = {}
        self.hold = threading.Event()
        self.hold.set()

    def stop(self):
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def n_asked(self, part=""):
        """How many requests there were for a part of a path."""
        return sum(part in path for path in self.asked)

    def handler(tmdb):  # noqa: N805 - a handler's own self is another
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                answer = tmdb.answer(urlsplit(self.path), self.headers)
                try:
                    self.send_response(answer.status)
                    length = len(answer.body) if answer.declared is None else answer.declared
                    for name, value in {"Content-Length": str(length), **answer.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(answer.body)
                except OSError:
                    self.close_connection = True  # nobody waits any longer

            def log_message(self, *_):
                """Say nothing."""

        return Handler

    def answer(self, address, headers):
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        self.asked.append(address.path)
        self.queries.append(query)
        self.hold.wait(30)
        for part, instead in self.trouble.items():
            if part in address.path:
                return instead
        if address.path.startswith(PICTURES):
            kind, content = self.pictures.get(address.path.removeprefix(PICTURES), ("image/jpeg", JPEG))
            assert "Authorization" not in headers  # nor any key
            assert not query
            return Answer(body=content, headers={"Content-Type": kind})
        self.credentials.append((query.get("api_key"), headers.get("Authorization")))
        if query.get("api_key") != V3 and headers.get("Authorization") != f"Bearer {V4}":
            return said({"status_code": 7, "status_message": f"Invalid API key {query}"}, 401)
        return self.found(address.path.split("/")[2:], query)

    def found(self, words, query):
        match words:
            case ["movie", number] if int(number) in self.films:
                return said(self.films[int(number)])
            case ["find", imdb] if query["external_source"] == "imdb_id":
                found = [self.films[self.imdb[imdb]]] if imdb in self.imdb else []
                return said({"movie_results": found, "tv_results": []})
            case ["search", "movie"]:
                found = [each for each in self.films.values() if query["query"].lower() in each["title"].lower()]
                if "year" in query:
                    found = [each for each in found if each["release_date"].startswith(query["year"])]
                return said({"page": 1, "results": found})
        return said({"status_code": 34}, 404)


def said(answer, status=200):
    """JSON."""
    return Answer(status, json.dumps(answer).encode(), {"Content-Type": "application/json;charset=utf-8"})
