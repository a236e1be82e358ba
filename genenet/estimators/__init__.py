"""Entropy and mutual information of single variables and pairs, by every estimator that people know by name.

`labels` reads discrete variables, `corrections` corrects the bias of estimates from counts, `discrete` has the
functions for discrete variables and `neighbours` those for continuous ones. `pair_estimators`, `all_pairs` and
`estimated_pairs` compute all pairs of a matrix, `null_draws` draws the null.
"""
