"""What lies between two films: a walk from the taste of those who choose one to that of those who choose the other.

Legend: I items, L latent dimensions, n stations.
"""

import numpy as np

from recsys.recommend.latent.film_tastes import FilmTastes, directions


def path_between(
    tastes: FilmTastes, start: int, end: int, n_between: int = 5, offered: np.ndarray | None = None
) -> np.ndarray:
    """The films that one meets on the way from one film to another, as from a full moon to a crescent moon.

    Stations lie evenly on the arc between the two films' tastes. Each is shown by the film that points most nearly
    there, whether many people know it or few, and that is not a station already.

    Args:
        tastes: of the films.
        start: item_idx of the first film.
        end: item_idx of the last, another one.
        n_between: stations between them.
        offered: (I,) bool, the films that may be stations; None: all. Start and end always are.

    Returns:
        (n_between + 2 or fewer,) int64 item_idx, all different, from start to end; fewer where films run out.

    Raises:
        ValueError: start is end, or n_between is below 0.
    """
    if start == end or n_between < 0:
        raise ValueError(f"got a path from {start} to {end} by {n_between}; expected two films and 0 stations or more")
    likeness = tastes.likeness(stations(tastes.vectors[start], tastes.vectors[end], n_between)).astype(np.float64)
    if offered is not None:
        likeness[:, ~offered] = -np.inf
    likeness[:, [start, end]] = -np.inf
    between: list[int] = []
    for at_station in likeness:
        at_station[between] = -np.inf
        if at_station.max() > -np.inf:
            between.append(int(at_station.argmax()))
    return np.array([start, *between, end])


def stations(start: np.ndarray, end: np.ndarray, n_between: int) -> np.ndarray:
    """(n_between, L) unit vectors evenly on the arc from one taste to another, (L,) each.

    Spherical interpolation (Shoemake 1985): where the two are at an angle w, the share 0 < t < 1 of the way is
    (sin((1 - t) w) start + sin(t w) end) / sin w. Opposite directions have no arc of their own; then both count by
    1 - t and t.
    """
    share = np.arange(1, n_between + 1)[:, None] / (n_between + 1)  # (n, 1)
    start, end = directions(start), directions(end)
    angle = np.arccos(np.clip(start @ end, -1.0, 1.0))
    if np.sin(angle) < 1e-3:
        return directions((1 - share) * start + share * end)
    return directions(np.sin((1 - share) * angle) * start + np.sin(share * angle) * end)
