"""Statistics of the permutation null: p-values, their tail, multiple testing, and how far MI stands out (CLR)."""
