"""The path of the data, one module a step; none imports another.

1. prepare       matrix -> AnnData: checked, filtered, with a record of what was dropped
2. discretise    AnnData -> Bins: each sample's weight in each bin of a gene
3. permutation   Bins -> Null: how MI is distributed when nothing is related
4. information   Bins, Null -> PairBlock: MI of one block of pairs, those that may be significant
5. significance  PairBlocks -> Edges: p-values, multiple testing
6. prune         Edges -> PrunedEdges: which edges are direct, and through which gene the others are indirect
7. network       edges -> networkx.Graph
8. export        graph, edges, AnnData -> files of other programs

`genenet.pipeline` runs them one after the other in memory; the commands of `genenet.cli.steps` and the rules of the
workflow run them one at a time, from file to file.
"""

STEPS = ("prepare", "discretise", "permutation", "information", "significance", "prune", "network", "export")
"""The steps in the order of the data path: each is a module here, a section of the settings, a command and a rule."""
