"""Posters of films: from the disk, or soon from TMDB, at a bounded pace."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from recsys.data.sources.cache import cache_folder
from recsys.serve.concurrency import ended
from recsys.serve.posters.cache import NONE, NOT_NOW, Found, PosterCache
from recsys.serve.posters.films import FilmSought
from recsys.serve.posters.key import key_in
from recsys.serve.posters.logo import Logo, logo_in
from recsys.serve.posters.newest_first import NewestFirst
from recsys.serve.posters.tmdb import Tmdb
from recsys.serve.posters.trouble import Outage, TroubleError

AT_ONCE, MOST_WAITING = 4, 60  # films that TMDB is asked for, and that wait
A_MINUTE = 240  # films, each with at most 5 questions: half of what TMDB lets pass
PATIENCE = 0.5  # seconds that a browser waits, which has six connections for all it asks
FOLDER = "posters"  # within the cache folder of the data sets
UNUSABLE_DAYS = 1  # for which a film has none whose poster is no picture


class Pace:
    """Lets so many pass in a minute."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic):
        self._most, self._clock, self._lock = most, clock, threading.Lock()
        self._passed: deque[float] = deque()

    def may_pass(self) -> bool:
        """Whether one more may, which then counts."""
        with self._lock:
            now = self._clock()
            while self._passed and now - self._passed[0] >= 60.0:
                self._passed.popleft()
            if len(self._passed) >= self._most:
                return False
            self._passed.append(now)
            return True


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What is asked of TMDB at most.

    Attributes:
        at_once: films.
        waiting: films that wait for their turn; the newest goes first, and the oldest is given up.
        a_minute: films.
        patience: seconds that a browser waits for a film that is not kept.
    """

    at_once: int = AT_ONCE
    waiting: int = MOST_WAITING
    a_minute: int = A_MINUTE
    patience: float = PATIENCE


class Posters:
    """What the page's posters come from.

    Attributes:
        logo: TMDB's, where the operator has it.
    """

    def __init__(
        self,
        tmdb: Tmdb,
        cache: PosterCache,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        logo: Logo | None = None,
    ):
        """Ask nobody yet.

        Args:
            tmdb: has the pictures.
            cache: keeps them.
            limits: of what TMDB is asked.
            clock: gives seconds.
            logo: see above.
        """
        self.logo = logo
        limits = limits or Limits()
        self._tmdb, self._cache, self._patience = tmdb, cache, limits.patience
        self._outage, self._pace = Outage(clock), Pace(limits.a_minute, clock)
        self._jobs = NewestFirst(self._fetched, limits.at_once, limits.waiting, NOT_NOW)

    async def of(self, film: FilmSought) -> Found:
        """What is known of a film's poster now, or in a moment; NOT_NOW if that takes longer."""
        kept = await run_in_threadpool(self._cache.find, film.key)
        if kept is not None:
            return kept
        if self._outage.lasts:
            return NOT_NOW
        job = self._jobs.ask(film)
        await asyncio.wait([ended(job)], timeout=self._patience)
        return job.result() if job.done() else NOT_NOW

    def _fetched(self, film: FilmSought) -> Found:
        """What TMDB answers of a film, which is kept; unless somebody's question was answered a moment ago."""
        if (kept := self._cache.find(film.key)) is not None:
            return kept
        if self._outage.lasts or not self._pace.may_pass():
            return NOT_NOW
        try:
            picture = self._tmdb.poster(film)
        except TroubleError as trouble:
            self._outage.note(trouble)
            return self._kept(film, None, UNUSABLE_DAYS) if trouble.is_of_film else NOT_NOW
        except Exception as error:  # a mistake here must not end the thread, nor tell the key
            kind = type(error).__name__
            self._outage.note(TroubleError("fault", f"asking TMDB went wrong ({kind})."))
            return NOT_NOW
        self._outage.over()
        return self._kept(film, picture)

    def _kept(self, film: FilmSought, picture: bytes | None, days: float | None = None) -> Found:
        try:
            self._cache.keep(film.key, picture, days)
        except OSError as error:
            where = self._cache.folder
            self._outage.tell("disk", f"Posters cannot be kept in {where} ({type(error).__name__}).")
        return NONE if picture is None else Found(picture)


def posters_in(environment: Mapping[str, str]) -> Posters | None:
    """What an operator's key gives; None where there is none; DataError if it is no key, or the logo no picture."""
    key = key_in(environment)
    if key is None:
        return None
    return Posters(Tmdb(key), PosterCache(cache_folder() / FOLDER), logo=logo_in(environment))
