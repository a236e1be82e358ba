"""Entropy and mutual information of single variables and pairs, by every estimator that people know by name.

`labels` reads discrete variables, `corrections` holds what can be done about the bias of counts, `discrete` the
functions for discrete variables, `neighbours` those for continuous ones.
"""
