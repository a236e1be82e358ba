"""Products: the types that one step hands on to the next.

`expression` (prepare), `bins` (discretise), `blocks` and `pairs` (information), `edges` (significance and prune). The
null distribution, the product of the step permutation, is in `genenet.statistics.null`.
"""
