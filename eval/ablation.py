"""What each ingredient of the flagship is worth: `python -m eval.ablation --help`."""

import argparse
import json
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.options import EXIT_INTERRUPTED, HIGHEST_SEED, add_data_options, exit_status, load, refuse_unknown
from eval.options import whole_number as whole
from eval.variants import GROUPS, Variant

if TYPE_CHECKING:  # everything below is imported when it is needed, so that --help answers at once
    from rich.console import Console

    from eval.experiment import Outcome
    from eval.tables import Table
    from recsys.data.movielens import Dataset
    from recsys.split import Split

MODEL = "hybrid-vae"
SHOWN = {"nDCG@10": "ndcg@10", "P@5": "precision@5", "RMSE": "rmse", "MAE": "mae", "NLL": "nll", "ECE": "ece"}
COMPARED = {"nDCG@10": "ndcg@10", "RMSE": "rmse", "NLL": "nll"}
N_KEPT_PARTS = 12  # fitted parts of a split in memory; variants that share a part follow each other closely enough


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.ablation",
        description=f"Measure {MODEL} with and without each of its ingredients on held-out ratings, and print how far "
        "each line is from the one that it is compared with (paired bootstrap over people).",
        epilog="groups: "
        + "; ".join(f"{title}: {', '.join(v.name for v in make())}" for title, make in GROUPS.items()),
    )
    add_data_options(parser)
    parser.add_argument(
        "--seed", type=whole(0, HIGHEST_SEED), default=0, metavar="N", help="of all that is random (default 0)"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where results go (default runs/TIME-ablation)")
    options = parser.parse_args(arguments)
    refuse_unknown(parser, "protocol", [options.protocol], ("folds", "random"))
    return options


@dataclass
class Ablation:
    """Variants to measure on splits, and what was found so far.

    Attributes:
        groups: variants by the title of their table. outcomes: by variant, one for each finished split.
    """

    dataset: "Dataset"
    splits: list["Split"]
    groups: dict[str, list[Variant]]
    seed: int
    command: str
    out: Path
    console: "Console"
    outcomes: dict[str, list["Outcome"]] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    def work(self) -> bool:
        """Measure every variant on every split, a split at a time; True if Ctrl-C ended it."""
        try:
            for split in self.splits:
                found = self.on_split(split)
                for name, outcome in found.items():
                    self.outcomes.setdefault(name, []).append(outcome)
                self.write()
        except KeyboardInterrupt:
            return True
        return False

    def on_split(self, split: "Split") -> dict[str, "Outcome"]:
        """Every variant on one split; parts that variants share are fitted once."""
        from eval.parts import PartCache

        cache, found = PartCache(N_KEPT_PARTS), {}
        for variant in (each for group in self.groups.values() for each in group):
            if variant.name not in found:
                found[variant.name] = self.one(variant, split, cache)
        return found

    def one(self, variant: Variant, split: "Split", cache: Any) -> "Outcome":
        """One variant on one split."""
        from eval.console import bar
        from eval.experiment import Outcome, Settings, measure
        from recsys.models import create

        started = time.perf_counter()
        unfitted = create(MODEL, self.dataset.ratings.scale, config=variant.config, catalog=self.dataset.catalog)
        with bar(self.console, f"{split.name} {variant.name}") as on_progress:
            model = cache.fitted(unfitted, split, self.seed, on_progress)
            fit_seconds = time.perf_counter() - started
            per_user, reliability, score_seconds = measure(
                model, split, Settings(seed=self.seed), ranks_by="scores", on_progress=on_progress
            )
        self.console.print(f"{split.name:>6}  {variant.name:<32} {time.perf_counter() - started:6.1f} s")
        return Outcome(
            model=variant.name,
            split=split.name,
            config=variant.config,
            per_user=per_user,
            reliability=reliability,
            curve=[],
            seconds_per_epoch=None,
            fit_seconds=fit_seconds,
            score_seconds=score_seconds,
            peak_rss_bytes=None,
        )

    def tables(self) -> list["Table"]:
        """One table for each group, over the splits that are finished."""
        return [ablation_table(title, group, self.outcomes, self.seed) for title, group in self.groups.items()]

    def write(self) -> None:
        """Write ablation.md and ablation.json, each in one step."""
        from eval.measure import environment
        from eval.results import write_atomically
        from eval.summary import single_run
        from eval.tables import as_markdown

        splits = [outcome.split for outcome in next(iter(self.outcomes.values()))]
        facts = [
            f"- command: `{self.command}`",
            f"- data: {self.dataset.name}, splits {', '.join(splits)}, seed {self.seed}",
            f"- environment: {', '.join(f'{name} {value}' for name, value in environment().items())}",
            f"- seconds: {time.perf_counter() - self.started:.0f}",
        ]
        text = ["# Ablation", "", *facts, "", *(as_markdown(table) for table in self.tables())]
        write_atomically(self.out / "ablation.md", "\n".join(text))
        runs = [
            {"variant": name, "split": each.split, "config": asdict(each.config), "metrics": single_run(each, (5, 10))}
            for name, outcomes in self.outcomes.items()
            for each in outcomes
        ]
        write_atomically(
            self.out / "ablation.json", json.dumps({"command": self.command, "runs": runs}, indent=1) + "\n"
        )


def ablation_table(title: str, group: Sequence[Variant], outcomes: dict[str, list["Outcome"]], seed: int) -> "Table":
    """Metrics of every variant, and how far it is from what it is compared with."""
    from eval.tables import Column, make_table

    columns = [
        Column(heading, mean_cell(outcomes, metric), optional=heading not in COMPARED)
        for heading, metric in SHOWN.items()
    ]
    against = {variant.name: variant.against for variant in group}
    columns += [
        Column(f"Δ {heading}", difference_cell(outcomes, against, metric, seed)) for heading, metric in COMPARED.items()
    ]
    notes = [
        "Means over splits. Δ: this line minus the one it is compared with"
        + (", the line above" if len({*against.values()}) > 1 else ", the whole model")
        + "; ± half the 95 % interval of a paired bootstrap over people; * where that leaves out 0.",
    ]
    return make_table(title, columns, list(against), notes)


def mean_cell(outcomes: dict[str, list["Outcome"]], metric: str) -> Any:
    """A column's cell: the metric of a variant."""
    from eval.stats import estimate
    from eval.summary import all_metrics, user_sums
    from eval.tables import MISSING, Cell, decimals

    wanted = next(each for each in all_metrics((5, 10)) if each.name == metric)

    def cell(name: str) -> Cell:
        sums = user_sums(outcomes[name], wanted)
        return Cell(MISSING if sums is None else decimals(estimate(sums)))

    return cell


def difference_cell(outcomes: dict[str, list["Outcome"]], against: dict[str, str], metric: str, seed: int) -> Any:
    """A column's cell: how far a variant's metric is from that of another."""
    import numpy as np

    from eval.stats import paired_bootstrap
    from eval.summary import all_metrics, user_sums
    from eval.tables import MISSING, Cell

    wanted = next(each for each in all_metrics((5, 10)) if each.name == metric)

    def cell(name: str) -> Cell:
        ours, theirs = (user_sums(outcomes[each], wanted) for each in (name, against[name]))
        if ours is None or theirs is None or name == against[name]:
            return Cell(MISSING)
        found = paired_bootstrap(ours, theirs, rng=np.random.default_rng(seed))
        mark = "" if found.low <= 0 <= found.high else "*"
        return Cell(f"{found.difference:+.4f}{mark} ±{(found.high - found.low) / 2:.4f}")

    return cell


def main(arguments: Sequence[str]) -> int:
    """Run an ablation; the exit status: 0, 2 for a person's mistake, 130 after Ctrl-C."""
    options = parse(arguments)
    return exit_status(
        "eval.ablation", lambda: ablate(options, shlex.join(["python", "-m", "eval.ablation", *arguments]))
    )


def ablate(options: argparse.Namespace, command: str) -> int:
    """Load, measure, report; the exit status."""
    from eval.console import make_console
    from eval.protocols import make_splits
    from eval.tables import for_terminal

    console, stdout = make_console(stderr=True), make_console(stderr=False)
    out = options.out or Path("runs") / f"{datetime.now():%Y%m%d-%H%M%S}-ablation"
    out.mkdir(parents=True, exist_ok=True)
    dataset = load(options, console)
    splits = make_splits(dataset, options.protocol, options.splits, options.seed)
    groups = {title: make() for title, make in GROUPS.items()}
    ablation = Ablation(dataset, splits, groups, options.seed, command, out, console)
    interrupted = ablation.work()
    if ablation.outcomes:
        for table in ablation.tables():
            stdout.print(for_terminal(table, stdout.width))
        console.print(f"\nTables and figures: {out}.")
    return EXIT_INTERRUPTED if interrupted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
