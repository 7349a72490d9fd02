"""The evaluation harness: protocols, metrics, statistics and reports. Run it with `python -m eval.run`."""
