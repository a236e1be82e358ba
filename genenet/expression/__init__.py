"""The parts of the step `prepare`, which `draft` carries from one to the next.

`look` checks a matrix before anything is changed and `checks` after reading; `aggregation`, `missing`, `normalisation`,
`genes` and `whitening` change it; `gene_statistics` describes the genes, and `list_matching` matches lists to them.
"""
