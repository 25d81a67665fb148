"""How long each tea has to steep."""

SECONDS = {
    "assam": 240,
    "darjeeling": 180,
    "sencha": 90,
}


def steeping_seconds(tea: str) -> int:
    """Return how many seconds a tea has to steep."""
    return SECONDS[tea.lower()]
