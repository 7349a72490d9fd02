"""Exceptions that nobody caught in a page in chromium, whoever threw them."""


def faults_of(page) -> list[str]:
    """A list that grows with every such exception, as where it was thrown, or what it says."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(error.stack or str(error)))
    return faults
