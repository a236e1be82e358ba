"""Writers of files that other programs open, one module for each program or family of programs.

Every writer takes the graph or a `Content`, writes complete files or none, and gives the same bytes for the same
content. `formats` lists them by name. `genenet.files.plain_values` says how unusual values are written, and
`genenet.products.edges` how unusual names are.
"""
