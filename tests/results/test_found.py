"""Which measurements there are to show: of runs on this machine, beside the served model, and with the program."""

import json
import re
from datetime import date
from pathlib import Path

from recsys.results import found as found_results
from recsys.results.found import PUBLISHED, all_measurements, places, read_measurements
from tests.support.made_up_measurements import QUICK, find_measurements, results_of, some_figures, write

ROOT = Path(__file__).parents[2]


def test_the_newest_run_comes_first_with_its_place_and_date(tmp_path):
    for age, name in enumerate(["new", "old"]):
        write(tmp_path / name / "results.json", results_of(some_figures(), seed=age), 1_700_000_000 - 86_400 * age)
    found = find_measurements(places(tmp_path, None))
    assert found.measured.results.seed == 0
    assert found.origin == f"were measured here and read from {tmp_path / 'new' / 'results.json'}"
    assert found.measured_on == date.fromtimestamp(1_700_000_000)
    assert found.problems == ()


def test_a_run_without_a_model_yet_is_passed_over_silently(tmp_path):
    write(tmp_path / "new" / "results.json", results_of({}), 1_700_000_009)
    write(tmp_path / "old" / "results.json", results_of(some_figures()))
    found = find_measurements(places(tmp_path, None))
    assert "hybrid-vae" in found.measured.runs
    assert found.problems == ()


def test_what_lies_beside_the_served_model_can_be_shown_too(tmp_path):
    model = tmp_path / "elsewhere" / "artifacts" / "all" / "ease"
    model.mkdir(parents=True)
    beside = write(tmp_path / "elsewhere" / "results.json", results_of(some_figures()))
    assert places(tmp_path / "runs", str(model)) == [beside]
    own = write(tmp_path / "runs" / "one" / "results.json", results_of(some_figures()))
    inside = write(model / "results.json", results_of(some_figures()))
    assert places(tmp_path / "runs", str(model)) == [own, inside, beside]
    assert places(tmp_path / "none", "someone/movie-vae") == []


def test_the_published_figures_are_there_without_any_file(tmp_path):
    found = find_measurements(places(tmp_path, None))
    assert found.origin == "come with the program"
    assert found.measured_on == found.measured.results.measured_on
    assert "hybrid-vae" in found.measured.runs


def test_a_file_that_is_written_anew_is_read_anew(tmp_path):
    path = write(tmp_path / "a" / "results.json", results_of(some_figures(), seed=1))
    assert find_measurements([path]).measured.results.seed == 1
    write(path, results_of(some_figures(), seed=2), 1_700_000_001)
    assert find_measurements([path]).measured.results.seed == 2


def test_only_the_newest_runs_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setattr(found_results, "MOST_RUNS", 3)
    for age in range(5):
        write(tmp_path / str(age) / "results.json", results_of(QUICK, seed=age), 1_700_000_000 - age)
    found = all_measurements(places(tmp_path, None))
    assert [shown.measured.results.seed for shown in found[:-1]] == [0, 1, 2]
    assert len({shown.key for shown in found}) == 4


# ---- the figures that come with the program


def test_the_published_figures_are_small_and_say_nothing_of_a_machine_or_a_person():
    content = PUBLISHED.read_text(encoding="utf-8")
    assert len(content) < 2_500 * len(read_measurements(PUBLISHED).runs)
    assert not re.search(r"/root|/tmp|/home|\bcpu\b|seconds|rss|environment|user_id|source", content)
    assert "measured on" in json.loads(content)["about"]


def test_the_published_figures_are_those_of_the_results_page():
    found = read_measurements(PUBLISHED)
    rows = [line.replace("*", "").split("|")[1:-1] for line in (ROOT / "docs/results.md").read_text().splitlines()]
    cells = {(row[0].strip(), len(row)): [cell.strip() for cell in row] for row in rows if len(row) in (10, 11)}
    for model in found.runs:
        for metric, width, column in (("rmse", 11, 2), ("mae", 11, 3), ("precision@5", 10, 1), ("ndcg@10", 10, 7)):
            figure = found.figures.get((model, metric))
            if figure:
                assert cells[model, width][column].split()[0].rstrip("\\~") == f"{figure.mean:.4f}"
