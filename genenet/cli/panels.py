"""The groups of commands in `genenet --help`. Groups are shown in the order of their first command in entry.py."""

INFER = "From a matrix to a network"
RESULT = "Look at a result"
OTHER = "Other analyses, and an example"
STEPS = "Steps, as the workflow calls them"
