# One word for each command; `just` lists them. It comes with requirements-dev.txt, or with `pip install rust-just`.
set windows-shell := ["powershell.exe", "-NoLogo", "-Command"]

core := "tests/data tests/artifacts tests/models tests/recommend tests/eval/test_metrics.py tests/eval/test_stats.py tests/eval/test_split.py tests/eval/test_per_user.py tests/eval/test_protocols.py tests/project/test_layout.py tests/project/test_changelog.py tests/project/test_results_page.py"

# list these commands
default:
    @just --list

# style, types, arrows between rooms, scripts and styles
check:
    ruff check . && ruff format --check . && mypy && lint-imports && npx --no-install biome check --error-on-warnings

# write code as `check` wants it
format:
    ruff check --fix . && ruff format . && npx --no-install biome check --write

# all tests; `just test tests/data -k titles` some
test *arguments:
    python -m pytest {{ arguments }}

# the core: data, the contract of models, metrics, artifacts, layout
quick *arguments:
    python -m pytest -m "not slow and not data and not browser" {{ core }} {{ arguments }}

# build docs/ into site/, as CI does
docs:
    python -m mkdocs build --strict

# serve the page
page *arguments:
    python app.py {{ arguments }}

# train, measure and print the tables
eval *arguments:
    python -m eval.run {{ arguments }}

# put the tables of a run into docs/results.md and the README
tables run:
    python .ci/tables.py {{ run }}

# write requirements with hashes anew, after a change of them
lock:
    .ci/lock
