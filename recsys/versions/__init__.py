"""A registry of versions: models in the order in which they were made, each with what it came from, and which answers.

    from recsys.versions.lineage import Gate, Lineage
    from recsys.versions.registry import Registry

    registry = Registry(Path("runs/versions"))
    champion = registry.current()
    made = registry.add(artifact, Lineage(data_sha256=digest, parent=champion.number, n_people=40, n_ratings=812))
    registry.judge(made.number, Gate(passed=True, reason="It is not worse.", figures={"ndcg@10": 0.42}))
    registry.promote(made.number)

`python -m recsys.versions --help` does the rest.
"""
