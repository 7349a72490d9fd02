"""The page with posters of a TMDB elsewhere.

    python tests/support/pages/poster_page.py TMDB OPTIONS

The options are those of the page as it is.
"""

import sys
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from recsys.serve.posters import posters
from recsys.ui.command import main

if __name__ == "__main__":
    posters.Tmdb = partial(posters.Tmdb, api=sys.argv[1], images=sys.argv[1])
    sys.exit(main(sys.argv[2:]))
