"""Compiled loops over plain arrays.

They trust their input: shapes and dtypes are in their docstrings, checks are their callers'.
"""

from genenet.kernels import cache

cache.set_up()
