"""How fast and how large genenet is: `python tests/benchmarks/run.py`."""
