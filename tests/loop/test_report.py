"""The report's figures, and that none of fewer than ten people can be had from it."""

import itertools
import json
import math

import numpy as np
import pytest

from recsys.loop.intervals import Resamples
from recsys.loop.outcomes import OUTCOMES, impressions
from recsys.loop.privacy import LEAST_PEOPLE, people_rounded, rounded, shown_cells, union
from recsys.loop.tallies import MOST_KINDS, MOST_VERSIONS
from recsys.loop.words import TITLE, TOO_FEW, as_text, parts
from recsys.store.evidence.pasts import Said, Version
from tests.loop.worlds import ML, PERIOD, VERSIONS, person, report_on

# --- figures


def by_hand(people):
    """Figures of one version as the definitions say, from impressions one by one."""
    found = [(who, each) for who, past in enumerate(people) for each in impressions(past, PERIOD) if each.outcome]
    hits = {(who, each.place): False for who, each in found}
    for who, each in found:
        hits[who, each.place] |= each.outcome == "saved" or (each.stars or 0) >= 4
    rated = [(each.stars, each.expected) for _, each in found if each.stars is not None]
    given, expected = np.array(rated).T
    shown = {item for past in people for each in past.lists for item, _ in each.films}
    return {
        "hits": np.mean([*hits.values()]),
        "given": given.mean(),
        "expected": expected.mean(),
        "bias": (expected - given).mean(),
        "rmse": math.sqrt(((expected - given) ** 2).mean()),
        "coverage": len(shown) / 400,
    }, {outcome: sum(each.outcome == outcome for _, each in found) / len(found) for outcome in OUTCOMES}


def test_figures_are_those_of_the_definitions_within_rounding():
    rng = np.random.default_rng(0)
    people = [person(rng, VERSIONS[0]) for _ in range(60)]
    (part,) = report_on(people, VERSIONS[:1]).versions
    figures, outcomes = by_hand(people)
    for name, value in figures.items():
        assert abs(part.figures[name].value - value) <= (0.005 if name in ("hits", "coverage") else 0.025) + 1e-6
        assert part.figures[name].low <= part.figures[name].value <= part.figures[name].high
    for row in part.outcomes:
        assert abs(row.figures["share"].value - outcomes[row.name]) <= 0.005 + 1e-6
    assert (part.people, part.lists, part.pending) == (60, 240, None)
    assert part.films == rounded(sum(1 for past in people for _ in impressions(past, PERIOD)))


def test_all_together_is_what_the_versions_are_together():
    rng = np.random.default_rng(1)
    people = [person(rng, VERSIONS[number % 2]) for number in range(80)]
    together = report_on(people, VERSIONS[:2]).together
    as_one = [past._replace(lists=[each._replace(version=VERSIONS[0]) for each in past.lists]) for past in people]
    (one,) = report_on(as_one, VERSIONS[:1]).versions
    assert together.figures == one.figures
    assert (together.outcomes, together.places, together.kinds) == (one.outcomes, one.places, one.kinds)
    assert together.calibration == one.calibration


def test_an_interval_is_of_people_and_not_of_films():
    """Who says much says it of many films: as many films of few people tell less."""
    rng = np.random.default_rng(2)
    few = [person(rng, VERSIONS[0], n_lists=40, says=0.9 * (number % 2)) for number in range(20)]
    many = [person(rng, VERSIONS[0], n_lists=2, says=0.9 * (number % 2)) for number in range(400)]
    widths = []
    for people in (few, many):
        (part,) = report_on(people, VERSIONS[:1]).versions
        widths.append(part.figures["hits"].high - part.figures["hits"].low)
    assert widths[0] > 3 * widths[1]


def test_a_bootstrap_covers_the_truth_about_as_often_as_it_says():
    rng, n_covered = np.random.default_rng(3), 0
    for _ in range(200):
        values = np.column_stack([rng.exponential(1.0, 60), np.ones(60)])
        found = Resamples(60).totals(np.arange(60), values).ratio(0, 1)
        n_covered += found.low <= 1.0 <= found.high
    assert 0.86 <= n_covered / 200 <= 0.99


def test_of_many_people_the_interval_is_as_wide_as_of_all_one_by_one():
    values = np.column_stack([np.random.default_rng(4).exponential(1.0, 9000), np.ones(9000)])
    found = Resamples(9000).totals(np.arange(9000), values).ratio(0, 1, step=1e-4)
    assert found.high - found.low == pytest.approx(2 * 1.96 * values[:, 0].std() / math.sqrt(9000), rel=0.1)


def test_older_versions_and_rare_kinds_are_one():
    rng = np.random.default_rng(5)
    versions = [Version("vae", str(number)) for number in range(MOST_VERSIONS + 3)]
    kinds = [f"kind {number}" for number in range(MOST_KINDS + 2)]
    people = [person(rng, versions[number % 13], kinds=kinds, n_lists=8) for number in range(195)]
    report = report_on(people, versions)
    assert len(report.versions) == MOST_VERSIONS + 1
    assert [part.is_older for part in report.versions] == [False] * MOST_VERSIONS + [True]
    assert report.versions[-1].people == 40
    assert [row.name for row in report.together.kinds] == [*kinds[: MOST_KINDS - 1], "others"]


# --- nobody can be recognised


def attacks(lines, shown):
    """Sets of people whose figures can be had from those that are shown, by one subtraction along a line or a column.

    A figure of somebody is a sum over cells, so what is shown of a part, and of the whole, tells the rest.
    """
    together = [union(column) for column in zip(*lines, strict=True)]
    for cells, shows in [*zip(lines, shown.versions, strict=True), (together, shown.together)]:
        yield from (cell for cell, is_shown in zip(cells, shows, strict=True) if is_shown)
        if any(shows):  # then the sum of its cells may be known elsewhere
            yield union([cell for cell, is_shown in zip(cells, shows, strict=True) if not is_shown])
    for column, is_shown in enumerate(shown.together):
        if is_shown:
            yield union([cells[column] for cells, of in zip(lines, shown.versions, strict=True) if not of[column]])


def test_no_cell_of_fewer_than_ten_people_can_be_had_by_subtraction():
    rng, n_shown = np.random.default_rng(6), 0
    for n_lines, n_cells in itertools.product((1, 2, 3, 5), (1, 2, 5)):
        for _ in range(150):
            people = rng.permutation(200)
            size = rng.choice([0, 3, 8, 9, 10, 12, 30], (n_lines, n_cells))
            lines = [[np.sort(rng.choice(people, number, replace=False)) for number in of] for of in size]
            found = shown_cells(lines)
            sizes = [len(cell) for cell in attacks(lines, found)]
            assert not any(0 < number < LEAST_PEOPLE for number in sizes)
            n_shown += sum(map(sum, (*found.versions, found.together)))
    assert n_shown > 1000  # to show nothing at all would be too easy


def solvable(lines, shown):
    """Cells that follow from all that is shown together, by any sums and differences; and totals of lines shown."""
    n_lines, n_cells = len(lines), len(lines[0])
    known = []
    for line, shows in enumerate(shown.versions):
        for cell, is_shown in enumerate(shows):
            if is_shown:
                known.append([(line, cell)])
        if any(shows):
            known.append([(line, cell) for cell in range(n_cells)])
    for cell, is_shown in enumerate(shown.together):
        if is_shown:
            known.append([(line, cell) for line in range(n_lines)])
    if any(shown.together):
        known.append([(line, cell) for line in range(n_lines) for cell in range(n_cells)])
    sums = np.zeros((len(known), n_lines * n_cells))
    for row, of in enumerate(known):
        sums[row, [line * n_cells + cell for line, cell in of]] = 1
    rank = np.linalg.matrix_rank(sums) if len(known) else 0
    for line, cell in itertools.product(range(n_lines), range(n_cells)):
        unit = np.zeros((1, n_lines * n_cells))
        unit[0, line * n_cells + cell] = 1
        if len(known) and np.linalg.matrix_rank(np.vstack([sums, unit])) == rank:
            yield len(lines[line][cell])


def test_no_small_cell_follows_from_any_sums_and_differences():
    rng = np.random.default_rng(7)
    for n_lines, n_cells in itertools.product((2, 3, 4), (1, 2, 3)):
        for _ in range(60):
            size = rng.choice([0, 4, 9, 10, 25], (n_lines, n_cells))
            lines = [[np.sort(rng.permutation(300)[:number]) for number in of] for of in size]
            assert not any(0 < number < LEAST_PEOPLE for number in solvable(lines, shown_cells(lines)))


def test_a_version_of_nine_people_is_hidden_and_so_is_the_total_that_would_tell_of_them():
    rng = np.random.default_rng(8)
    nine = [person(rng, VERSIONS[0], says=0.9) for _ in range(9)]
    many = [person(rng, VERSIONS[1]) for _ in range(50)]
    report = report_on([*nine, *many], VERSIONS[:2])
    new, old = report.versions
    assert (new.people, new.lists, new.films, new.pending) == (None, None, None, None)
    assert {*new.figures.values()} == {None}
    assert old.people == 50
    assert report.together.people is None
    assert {report.together.figures[name] for name in ("hits", "given", "coverage", "rmse")} == {None}
    tenth = person(rng, VERSIONS[0], says=0.9)
    report = report_on([*nine, tenth, *many], VERSIONS[:2])
    assert (report.versions[0].people, report.together.people) == (10, 60)


def test_two_small_versions_are_hidden_while_all_together_are_not():
    rng = np.random.default_rng(9)
    people = [person(rng, VERSIONS[number % 2], says=0.5) for number in range(16)]
    report = report_on(people, VERSIONS[:2])
    assert [part.people for part in report.versions] == [None, None]
    assert report.together.people == 10
    assert "9" not in {str(report.together.people), str(report.together.lists)}


def test_newcomers_without_a_list_cannot_be_told_from_the_total():
    rng = np.random.default_rng(10)
    with_lists = [person(rng, VERSIONS[0]) for _ in range(40)]
    for past in with_lists[:20]:  # who have seen all on the day on which they registered
        past.said.clear()
        past.lists[:] = [each._replace(at=past.registered_at) for each in past.lists]
    none = [past._replace(lists=[], said={}) for past in with_lists[:5]]
    alone = report_on(with_lists, VERSIONS[:1])
    assert alone.versions[0].figures["returned"].value == 0.5
    assert alone.versions[0].figures["returned"] == alone.together.figures["returned"]
    more = report_on([*with_lists, *none], VERSIONS[:1])
    assert more.versions[0].figures["returned"] == alone.together.figures["returned"]
    assert more.together.figures["returned"] is None


def test_one_person_more_or_less_is_no_difference_that_can_be_seen_in_numbers():
    """From 10 to 19 people are 10, and what they did is rounded."""
    rng = np.random.default_rng(11)
    people = [person(rng, VERSIONS[0]) for _ in range(18)]
    reports = [report_on(people[:number], VERSIONS[:1]).versions[0] for number in (16, 17, 18)]
    assert {part.people for part in reports} == {10}
    assert [people_rounded(number) for number in (10, 19, 20, 999, 1000)] == [10, 10, 20, 990, 1000]
    assert all(part.films % 10 == 0 == part.lists % 10 for part in reports)


def test_a_share_of_a_few_people_is_not_told_nor_what_would_tell_it():
    """Nine of fifty save something; the shares of the others would add up to theirs."""
    rng = np.random.default_rng(12)
    people = [person(rng, VERSIONS[0], says=0.0) for _ in range(50)]
    for number, past in enumerate(people):
        at = past.lists[0].at
        mark = "later" if number < 9 else "seen"
        past.said[ML, past.lists[0].films[0][0]] = [Said("mark", at, mark, None, True)]
    (part,) = report_on(people, VERSIONS[:1]).versions
    shares = {row.name: row.figures["share"] for row in part.outcomes}
    assert [name for name, share in shares.items() if share is None] == ["rated", "seen", "saved", "hidden"]
    assert shares["ignored"] is not None  # what is left is of all fifty
    assert part.figures["hits"] is None


# --- how it is told


def test_it_is_json_and_text():
    rng = np.random.default_rng(13)
    people = [person(rng, VERSIONS[number % 2]) for number in range(80)]
    report = report_on(people, VERSIONS[:2])
    told = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert told["until"] == "2026-06-01T00:00:00+00:00"
    assert [part["version"]["fingerprint"] for part in told["versions"]] == ["new", "old"]
    assert told["together"]["figures"]["hits"].keys() == {"value", "low", "high"}
    text = as_text(report)
    for words in (TITLE, "All versions together", "vae, new", "Saved to watch later", "By genre", "2nd and 3rd"):
        assert words in text
    assert TOO_FEW not in text


def test_of_nobody_there_is_a_sentence():
    report = report_on([], [])
    assert "Nobody who counts was shown a list." in as_text(report)
    assert [part.people for _, part in parts(report)] == [None]
    assert TOO_FEW in as_text(report_on([person(np.random.default_rng(0), VERSIONS[0])], VERSIONS[:1]))
