"""The parts of the step `prepare`: checks of a matrix, its genes, their normalisation, lists of genes matched to it."""
