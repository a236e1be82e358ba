"""Let numba find what it has compiled before, by the options of a function, without listing all of them each time.

Numba keeps its own functions (`np.empty`, `max`) by the options of the caller. It compares options by making tables of
all of them, 200,000 times when the kernels are compiled, which is a twentieth of the time that this takes.
"""

from typing import Any


def set_up() -> None:
    """Compare options by those that are set; equal ones are equal, others are compared as before."""
    from numba.core import targetconfig

    options: Any = targetconfig.TargetConfig
    compare = options.__eq__
    if "_values" not in getattr(options, "__slots__", ()) or hasattr(compare, "__wrapped__"):
        return

    def is_equal(self: Any, other: Any) -> Any:
        return (type(self) is type(other) and self._values == other._values) or compare(self, other)

    is_equal.__wrapped__ = compare  # type: ignore[attr-defined]
    options.__eq__ = is_equal
    # Numba's own value is that of the options' names, the same for all of a class.
    options.__hash__ = lambda self: hash(type(self))
