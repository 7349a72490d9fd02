"""Tables of what was found with simulated people: fidelity and calibration first, then rounds, then conclusions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from eval.reporting.tables import Table, table_of
from eval.simulating.findings import MEASURES, Change, Course, Fidelity
from recsys.results.metrics import NDCG
from recsys.results.text import MISSING
from recsys.simulation.retraining import Round


def fidelity_table(found: Sequence[Fidelity], offline: Mapping[str, float]) -> Table:
    """A row for each check, a column for each truth."""
    rows: dict[str, list[str]] = {}
    for place, told in enumerate(found[0].told):
        ratio = f"1:{told.ratio}"
        rows[f"AUC of held-out likes, {ratio}"] = [f"{each.told[place].auc:.3f}" for each in found]
        rows[f"the same of simulated likes, {ratio}"] = [f"{each.told[place].simulated_auc:.3f}" for each in found]
        rows[f"real likes that come first, {ratio}"] = [f"{each.told[place].first:.3f}" for each in found]
        rows[f"simulated likes that do, {ratio}"] = [f"{each.told[place].simulated_first:.3f}" for each in found]
    for of in ("stars", "people", "films"):
        what = "all stars" if of == "stars" else f"mean stars of {of}"
        rows[f"distance (W1) of {what}"] = [
            f"{getattr(each.distance, of):.3f} (anybody's {getattr(each.anybody, of):.3f})" for each in found
        ]
    rows[f"Kendall's tau, {len(offline)} recommenders"] = [f"{each.tau(offline):.2f}" for each in found]
    notes = [
        "People and habits know none of these ratings. Lists hold one film that somebody liked and 1, 3 or 9 by "
        "chance; AUC is the share of pairs in which the person would rather watch and like the former. Of people who "
        "are true to life real and simulated figures are the same. W1 in stars; anybody's: stars drawn from all "
        "ratings.",
        "Kendall's tau compares the order by simulated satisfaction with that by nDCG@10 on held-out ratings.",
    ]
    return table_of("How true to life", "check", [each.truth for each in found], rows, notes)


def order_table(found: Sequence[Fidelity], offline: Mapping[str, float]) -> Table:
    """A row for each recommender that was put in order."""
    rows = {
        name: [f"{value:.4f}", *(f"{each.satisfaction[name]:.4f}" for each in found)] for name, value in offline.items()
    }
    headings = [NDCG.at(10).heading, *(f"satisfaction, {each.truth}" for each in found)]
    return table_of("Offline and before simulated people", "recommender", headings, rows, [])


def calibration_table(found: Sequence[Fidelity]) -> Table:
    """A row for each truth."""
    headings = ["base", "appeal", "fame", "novelty", "pull"]
    rows = {each.truth: [f"{getattr(each.habits, name):.3f}" for name in headings] for each in found}
    note = (
        "Found on ratings kept aside of the training part. Log odds of watching a film that is shown: base + appeal x "
        "log odds of choosing it to a film by chance + fame x conformity x log of its ratings + novelty x diversity x "
        "share of new genres. An appeal of 1 is what a truth itself says. Pull: of stars towards everybody's, x "
        "conformity. When people leave a page is assumed."
    )
    return table_of("Calibration", "truth", headings, rows, [note])


def rounds_table(courses: Sequence[Course], has_genres: bool) -> Table:
    """A row for the first round, and for the last with and without retraining."""
    rows = {}
    for course in courses:
        last = len(course.kept) - 1
        name = f"{course.truth}: {course.model}"
        rows[f"{name}, round 0"] = figures(course.kept[0], has_genres)
        rows[f"{name}, round {last}, left as it was"] = figures(course.kept[-1], has_genres)
        rows[f"{name}, round {last}, trained again"] = figures(course.retrained[-1], has_genres)
    headings = ["coverage", "satisfaction", "pages", "watched", "mean joy", "genre entropy"]
    notes = [
        "Coverage: share of all films that anybody was shown. Satisfaction: joy of what was watched (-1 for the lowest "
        "star, 1 for the highest) per place on all pages. Watched: share of films shown. Entropy of the genres shown "
        "to a person, nats. What was watched is not shown again, which alone lowers satisfaction from round to round."
    ]
    return table_of("Round by round", "truth: recommender", headings, rows, notes)


def figures(found: Round, has_genres: bool) -> list[str]:
    """Of one round."""
    entropy = f"{found.entropy.mean():.3f}" if has_genres else MISSING
    means = (found.coverage, float(found.satisfaction.mean()))
    return [
        *(f"{each:.4f}" for each in means),
        f"{found.pages:.2f}",
        f"{found.share_watched:.3f}",
        f"{found.mean_joy:.3f}",
        entropy,
    ]


def change_table(courses: Sequence[Course]) -> Table:
    """A row for each recommender and truth."""
    rows = {
        f"{course.truth}: {course.model}": [in_words(change_of(course)) for change_of in MEASURES.values()]
        for course in courses
    }
    note = (
        "Trained again minus left as it was, mean over all rounds but the first. In brackets for coverage the least "
        "and the greatest of the rounds, for satisfaction the 95 % interval over people."
    )
    return table_of("What retraining changes", "truth: recommender", list(MEASURES), rows, [note])


def in_words(change: Change) -> str:
    """A difference and its range."""
    return f"{change.difference:+.4f} ({change.low:+.4f} to {change.high:+.4f})"


def as_json(found: Sequence[Fidelity], offline: Mapping[str, float], courses: Sequence[Course]) -> dict[str, Any]:
    """All figures as JSON values."""

    def of(each: Round) -> dict[str, Any]:
        plain = {name: value for name, value in vars(each).items() if name not in ("satisfaction", "entropy")}
        return plain | {"satisfaction": float(each.satisfaction.mean()), "entropy": float(each.entropy.mean())}

    return {
        "offline": dict(offline),
        "fidelity": [asdict(each) | {"tau": each.tau(offline)} for each in found],
        "courses": [
            {
                "truth": course.truth,
                "model": course.model,
                "retrained": [of(each) for each in course.retrained],
                "kept": [of(each) for each in course.kept],
                "changes": {name: asdict(change_of(course)) for name, change_of in MEASURES.items()},
            }
            for course in courses
        ],
    }
