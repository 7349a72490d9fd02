"""Start the web page: `python app.py`."""

import sys

from recsys.streams import run
from recsys.ui.command import main

if __name__ == "__main__":
    sys.exit(run(lambda: main(sys.argv[1:], "app.py")))
