"""How heavy the tail of a null distribution is, by Hill's estimate."""


def tail_exponent(mean_excess: float) -> float:
    """Estimate the exponent of a tail beyond its anchor: there p is proportional to pivot ** exponent (Hill 1975).

    Parameters
    ----------
    mean_excess
        Mean over the most extreme draws of the difference in log pivot to the anchor of the tail; >= 0.

    Returns
    -------
    The exponent: 1 if the tail is Pearson III as the pivot assumes, below 1 if it is heavier. Estimates above 1 would
    only make p-values smaller and are taken as 1.

    Examples
    --------
    >>> tail_exponent(2.0), tail_exponent(0.5), tail_exponent(0.0)
    (0.5, 1.0, 1.0)
    """
    return min(1.0, 1.0 / max(mean_excess, 1e-12))
