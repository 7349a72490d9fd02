"""The routes of the accounts, as they are: what tests go through, so that no route is left out."""

from types import SimpleNamespace

from fastapi.routing import APIRoute

from recsys.serve.accounts.downloads import Downloads
from recsys.serve.accounts.routes import account_router


def account_paths() -> list[str]:
    """Every path under /account/ that a form, a download or an import asks."""
    members = SimpleNamespace(downloads=Downloads())
    return [route.path for route in account_router(members, None, None, None).routes if isinstance(route, APIRoute)]


FILES = ("/import", "/read")  # the latter is about nobody
ANSWERS = [path.removeprefix("/account/") for path in account_paths() if not path.endswith(FILES)]
