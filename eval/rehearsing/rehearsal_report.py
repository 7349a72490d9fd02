"""A rehearsal as tables, and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from eval.rehearsing.afterwards import Push
from eval.rehearsing.course import Round
from eval.rehearsing.judging import Standing
from eval.reporting.tables import Table, table_of
from eval.retraining.gate import Row
from recsys.results.text import MISSING


def rounds_tables(rounds: Sequence[Round], panel: int) -> list[Table]:
    """What newcomers are recommended, and what becomes of two films: a row for each time that newcomers came."""
    ranked = {str(one.number): ranked_cells(one) for one in rounds}
    notes = [
        "Frozen: the version before anybody came; loop: the one that answered when the newcomers of the round came. "
        "nDCG@10 of ratings that people keep back, after what they tell before they are shown anything; gains with "
        f"95 % intervals, paired, over people. The panel is {panel:,} people of the town who never come.",
    ]
    heads = ("version", "newcomers: frozen", "loop", "gain", "panel: frozen", "loop", "gain")
    around = {str(one.number): around_cells(one) for one in rounds}
    around_heads = ("learned from", "pushed film", "loved film", "liked of lists", "next")
    around_notes = [
        "Films: mean ranks for the panel, frozen and loop, and on how many of the loop's lists of ten. Liked of lists: "
        "of the films that newcomers looked at on the page, those that they would like. Next: what the gate said of "
        "what was made after it.",
    ]
    return [
        table_of("Rounds", "round", heads, ranked, notes),
        table_of("What versions knew, and two films", "round", around_heads, around, around_notes),
    ]


def ranked_cells(one: Round) -> list[str]:
    """What newcomers are recommended."""
    return [str(one.version), *compared(one.judged.newcomers), *compared(one.judged.panel)]


def around_cells(one: Round) -> list[str]:
    """What a version knew, and where two films are."""
    return [
        f"{one.n_people:,} people, {one.n_ratings:,} ratings",
        in_place(one.judged.pushed),
        in_place(one.judged.loved),
        f"{one.judged.liked:.0%}",
        {None: MISSING, True: "passed", False: "refused"}[one.passed],
    ]


def in_place(standings: tuple[Standing, Standing]) -> str:
    """Mean ranks by the frozen model and by the loop, and how many lists of the latter have the film."""
    frozen, loop = standings
    return f"{frozen.rank:,.0f} → {loop.rank:,.0f} ({loop.listed:.1%})"


def compared(row: Row) -> list[str]:
    """Both figures and the gain with its interval."""
    return [f"{row.rival:.4f}", f"{row.challenger:.4f}", f"{row.gain:+.4f} ({row.low:+.4f} to {row.high:+.4f})"]


def end_table(pooled: Row, last: Round, base: Sequence[Row]) -> Table:
    """What it came to, for whom."""
    named = {
        f"{pooled.metric}, newcomers of all rounds but the first": pooled,
        f"{pooled.metric}, who never come, after the last round": last.judged.panel,
        **{f"{row.metric}, {row.group}": row for row in base},
    }
    rows = {name: [f"{row.n_people:,}", *compared(row)] for name, row in named.items()}
    notes = ["Gains are improvements, of the RMSE too. People of the data set: the base protocol, as the gate has it."]
    return table_of("What it came to", "figure", ("people", "frozen", "loop", "better by"), rows, notes)


def push_table(pushes: Mapping[str, Push]) -> Table:
    """What those who push a film reach."""
    rows = {
        name: [
            *(f"{push.without.rank:,.1f}", f"{push.with_.rank:,.1f}", f"{push.moved:+,.1f}"),
            *(f"{push.without.listed:.1%}", f"{push.with_.listed:.1%}"),
        ]
        for name, push in pushes.items()
    }
    notes = [
        "Mean rank for the panel, of models of the same ratings, places moved upwards by the attack, and the share of "
        "people on whose list of ten the film is.",
    ]
    heads = ("without attackers", "with them", "moved", "on lists without", "with")
    return table_of("A film that is pushed", "limits", heads, rows, notes)


def as_json(
    rounds: Sequence[Round],
    pooled: Row | None = None,
    base: Sequence[Row] = (),
    pushes: Mapping[str, Push] | None = None,
) -> dict[str, Any]:
    """All figures that are known so far."""
    return {
        "rounds": [asdict(one) for one in rounds],
        "newcomers": None if pooled is None else asdict(pooled),
        "base": [asdict(row) for row in base],
        "pushes": {name: asdict(push) | {"moved": push.moved} for name, push in (pushes or {}).items()},
    }
