"""What each ingredient of the flagship is worth: `python -m eval.ablation --help`."""

import argparse
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from eval.ablating.variants import GROUPS, Variant
from eval.options import (
    EXIT_FAILED,
    EXIT_INTERRUPTED,
    HIGHEST_SEED,
    add_data_options,
    exit_status,
    load,
    new_folder,
    refuse_unknown,
    whole_number,
)
from recsys.streams import run

if TYPE_CHECKING:  # everything below is imported when it is needed, so that --help answers at once
    from rich.console import Console

    from eval.ablating.ablation_report import Findings
    from eval.running.experiment import Outcome
    from eval.running.part_cache import PartCache
    from recsys.split import Split

MODEL = "hybrid-vae"
PROTOCOLS = ("folds", "random")  # where models know ratings, so that stars can be measured
N_KEPT_PARTS = 24  # fitted parts in memory; with fewer, some that later variants need are fitted again


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a mistake exits with 2 and one sentence."""
    groups = {title: [variant.name for variant in make()] for title, make in GROUPS.items()}
    parser = argparse.ArgumentParser(
        prog="python -m eval.ablation",
        description=f"Measure {MODEL} with and without each of its ingredients on held-out ratings, and print how far "
        "each variant is from the one that it is compared with (paired bootstrap over people).",
        epilog="variants: " + "; ".join(f"{title}: {', '.join(names)}" for title, names in groups.items()),
    )
    parser.add_argument(
        "--variants",
        nargs="+",
        metavar="V",
        help="which variants, each in quotes (default all); one is compared only if its counterpart is named too",
    )
    add_data_options(parser)
    parser.add_argument(
        "--seed", type=whole_number(0, HIGHEST_SEED), default=0, metavar="N", help="of all that is random (default 0)"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where results go (default runs/ablation-TIME)")
    options = parser.parse_args(arguments)
    refuse_unknown(parser, "protocol", [options.protocol], PROTOCOLS)
    known = [name for names in groups.values() for name in names]
    refuse_unknown(parser, "variant", options.variants or [], known)
    return options


def chosen(names: Sequence[str] | None) -> dict[str, list[Variant]]:
    """The groups, with the variants of these names only, or with all; always in the order of the tables."""
    groups = {title: [each for each in make() if names is None or each.name in names] for title, make in GROUPS.items()}
    return {title: group for title, group in groups.items() if group}


@dataclass
class Ablation:
    """Variants to measure on splits, and what was found so far."""

    findings: "Findings"
    splits: list["Split"]
    out: Path
    console: "Console"
    started: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        from eval.reporting.writing import Failures

        self.failures = Failures(self.out, self.console)

    def work(self) -> bool:
        """Measure every variant on every split, a split at a time; True if Ctrl-C ended it."""
        try:
            for split in self.splits:
                self.on_split(split)
        except KeyboardInterrupt:
            return True
        return False

    def on_split(self, split: "Split") -> None:
        """Every variant on one split; parts that variants share are fitted once. Whatever ends it, results are kept."""
        from eval.ablating.ablation_report import write
        from eval.running.part_cache import PartCache

        cache = PartCache(N_KEPT_PARTS)
        try:
            for variant in self.findings.variants:
                outcome = self.one(variant, split, cache)
                seconds = time.perf_counter() - self.started
                self.findings = replace(self.findings, outcomes=(*self.findings.outcomes, outcome), seconds=seconds)
        finally:
            if self.findings.outcomes:
                self.failures.tried("the results could not be written", lambda: write(self.out, self.findings))

    def one(self, variant: Variant, split: "Split", cache: "PartCache") -> "Outcome":
        """One variant on one split, and a line about it."""
        from eval.console import bar
        from eval.running.experiment import Outcome, Settings, measure
        from recsys.models import MODELS, create

        settings, ratings = Settings(seed=self.findings.seed), self.findings.dataset.ratings
        unfitted = create(MODEL, ratings.scale, config=variant.config)
        started = time.perf_counter()
        with bar(self.console, f"{split.name} {variant.name}") as on_progress:
            model = cache.fitted(unfitted, split, settings.seed, on_progress)
            fit_seconds = time.perf_counter() - started
            per_user, reliability, score_seconds = measure(
                model, split, settings, ranks_by=MODELS[MODEL].ranks_by, on_progress=on_progress
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


def main(arguments: Sequence[str]) -> int:
    """Run an ablation.

    Returns:
        The exit status: 0, 1 if something could not be written, 2 for a person's mistake, 130 after Ctrl-C.
    """
    options = parse(arguments)
    command = shlex.join(["python", "-m", "eval.ablation", *arguments])
    return exit_status("eval.ablation", lambda: ablate(options, command))


def ablate(options: argparse.Namespace, command: str) -> int:
    """Load, measure, report; the exit status."""
    from rich.markup import escape

    from eval.console import make_console
    from eval.reporting.tables import for_terminal

    console, stdout = make_console(stderr=True), make_console(stderr=False)
    ablation = prepare(options, console, command)
    interrupted = ablation.work()
    findings = ablation.findings
    for table in findings.tables() if findings.outcomes else []:
        stdout.print(for_terminal(table, stdout.width, "ablation.md"))
    where = f" Tables and figures: {escape(str(ablation.out))}." if findings.outcomes else ""
    console.print(f"\n{findings.state}.{where}", soft_wrap=True)
    return EXIT_INTERRUPTED if interrupted else EXIT_FAILED if ablation.failures.said else 0


def prepare(options: argparse.Namespace, console: "Console", command: str) -> Ablation:
    """Everything that is needed before the first variant; the folder for the results comes before any work."""
    from eval.ablating.ablation_report import Findings
    from eval.protocols import make_splits

    out = new_folder(options.out, "ablation", "ablation")
    dataset = load(options, console)
    splits = make_splits(dataset, options.protocol, options.splits, options.seed)
    groups = chosen(options.variants)
    planned = len(splits) * sum(map(len, groups.values()))
    findings = Findings(dataset, options.protocol, options.seed, command, groups, planned)
    return Ablation(findings, splits, out, console)


if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:])))
