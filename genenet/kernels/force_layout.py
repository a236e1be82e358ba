"""Forces between the nodes of a drawing; sequential sums, so that the same machine code gives the same picture."""

import numpy as np
from numba import njit


@njit(cache=True)
def move_apart_and_together(x, y, first, second, strength, n_steps):
    """Fruchterman-Reingold: move x, y (float64, n_nodes) in place.

    first, second: int64 (n_edges,), nodes of each edge; strength: float64 (n_edges,) in (0, 1]. An edge is about 1.
    Fruchterman & Reingold (1991), doi:10.1002/spe.4380211102.
    """
    n = x.shape[0]
    dx = np.zeros(n)
    dy = np.zeros(n)
    start = 0.1 * np.sqrt(n) + 0.5
    for step in range(n_steps):
        dx[:] = 0.0
        dy[:] = 0.0
        for i in range(n):
            for j in range(i + 1, n):
                a = x[i] - x[j]
                b = y[i] - y[j]
                pull = 1.0 / (a * a + b * b + 1e-6)
                dx[i] += a * pull
                dy[i] += b * pull
                dx[j] -= a * pull
                dy[j] -= b * pull
        for e in range(first.shape[0]):
            i = first[e]
            j = second[e]
            a = x[i] - x[j]
            b = y[i] - y[j]
            pull = np.sqrt(a * a + b * b) * strength[e]
            dx[i] -= a * pull
            dy[i] -= b * pull
            dx[j] += a * pull
            dy[j] += b * pull
        # The longest step shrinks to nothing, so that the drawing comes to rest.
        most = start * (1.0 - step / n_steps)
        for i in range(n):
            length = np.sqrt(dx[i] * dx[i] + dy[i] * dy[i]) + 1e-9
            part = min(length, most) / length
            x[i] += dx[i] * part
            y[i] += dy[i] * part
