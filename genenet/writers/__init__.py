"""Files that other programs open, one module a program or family of programs.

Every writer takes the graph or a `Content`, writes whole files or none, gives the same bytes for the same content, and
returns the paths that it wrote. `formats` lists them by name. `genenet.files.plain_values` says how unusual values are
written, `genenet.products.edges` how unusual names are.
"""
