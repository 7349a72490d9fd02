"""How a model is fitted: what goes with the data, in how many processes, and what is kept of work under way."""

from recsys.training.options import Training

__all__ = ["Training"]
