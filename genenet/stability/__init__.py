"""Stability of edges: the share of random halves of the samples in which they are selected.

`halves` splits the samples, `selection` runs the steps on each half, `stable` removes the edges that are selected too
rarely. Unlike a step this package runs steps (null, MI, significance and pruning), so it is a layer above them.
"""
