"""Stability of edges: the share of random halves of the samples in which they are selected.

`halves` splits the samples, `selection` runs the steps on each half, `stable` removes the edges that come back too
rarely. Unlike a step it runs others (null, MI, significance and pruning), so it stands above them.
"""
