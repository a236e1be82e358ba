"""Time and memory of genenet: `python tests/benchmarks/run.py`."""
