"""Write the measurements that come with the page from a run's folder: `PYTHONPATH=. python .ci/published.py runs/NAME`.

What depends on the machine is left out, reliability is kept of the flagship alone, and its shares are rounded.
"""

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from recsys.models import FLAGSHIP
from recsys.results.found import PUBLISHED

ABOUT = (
    "What the page shows where no newer results are found: figures of eval.run, measured on {day} by the command below "
    "on 2 cores, without what depends on the machine."
)
OF_SPLIT = ("name", "n_users", "n_items", "n_train_ratings", "n_test_ratings", "n_test_users", "n_ranked_users")
COPIED = ("version", "dataset", "dataset_sha256", "protocol", "protocol_rules", "protocol_procedure", "seed", "k")
DIGITS = 4


def significant(value: float | None) -> float | None:
    """A share with few digits; None stays."""
    return None if value is None else float(f"{value:.{DIGITS}g}")


def run_of(run: dict[str, Any]) -> dict[str, Any]:
    """A run's names; of the flagship also its reliability."""
    kept = {"model": run["model"], "split": run["split"]}
    if run["model"] != FLAGSHIP:
        return kept
    table = run["reliability"]
    rounded = {name: [list(map(significant, row)) for row in table[name]] for name in ("predicted", "observed")}
    return kept | {"reliability": {"stars": table["stars"], **rounded, "count": table["count"]}}


def comparison_of(comparison: dict[str, Any]) -> dict[str, Any]:
    """The best model, and the intervals of the others' differences."""
    ends = {
        model: None if found is None else {end: round(found[end], DIGITS) for end in ("low", "high")}
        for model, found in comparison["differences"].items()
    }
    return {"best": comparison["best"], "differences": ends}


def published(results: dict[str, Any], day: date) -> dict[str, Any]:
    """What is kept of a results.json; of list metrics that weigh places, those of the longest list."""
    shorter = tuple(f"{name}@{k}" for name in ("ndcg", "mrr") for k in results["k"] if k < max(results["k"]))
    return {
        "about": ABOUT.format(day=f"{day:%-d %B %Y}"),
        "measured_on": day.isoformat(),
        **{name: results[name] for name in COPIED},
        "relevant_from": results["relevant_from"],
        "command": results["command"].partition(" --out ")[0],
        "splits": [{name: split[name] for name in (*OF_SPLIT, "n_asked")} for split in results["splits"]],
        "models": {name: {} for name in results["models"]},
        "runs": [run_of(run) for run in results["runs"]],
        "summary": [
            {name: figure[name] for name in ("model", "metric", "mean", "stderr")}
            for figure in results["summary"]
            if figure["metric"] not in shorter
        ],
        "comparisons": {
            metric: comparison_of(each) for metric, each in results["comparisons"].items() if metric not in shorter
        },
    }


def as_text(found: dict[str, Any]) -> str:
    """JSON with a line for every entry of the longer lists."""

    def lines(value: Any) -> str:
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return "[\n  " + ",\n  ".join(json.dumps(each, separators=(",", ":")) for each in value) + "\n ]"
        if isinstance(value, dict):
            inner = (f"{json.dumps(name)}: {json.dumps(each, separators=(',', ':'))}" for name, each in value.items())
            return "{\n  " + ",\n  ".join(inner) + "\n }"
        return json.dumps(value, ensure_ascii=False)

    return "{\n" + ",\n".join(f" {json.dumps(name)}: {lines(value)}" for name, value in found.items()) + "\n}\n"


if __name__ == "__main__":
    path = Path(sys.argv[1]) / "results.json"
    day = date.fromtimestamp(path.stat().st_mtime)
    PUBLISHED.write_text(as_text(published(json.loads(path.read_text("utf-8")), day)), encoding="utf-8")
