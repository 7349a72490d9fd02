"""Models on the Hugging Face Hub: pushed from a folder, pulled into the cache. `python -m recsys.hub --help`."""

from recsys.hub.client import AS_SET_UP, Hub
from recsys.hub.download import Pulled, copy_to, pull
from recsys.hub.errors import HubError
from recsys.hub.upload import Planned, Pushed, plan, push, tag

__all__ = ["AS_SET_UP", "Hub", "HubError", "Planned", "Pulled", "Pushed", "copy_to", "plan", "pull", "push", "tag"]
