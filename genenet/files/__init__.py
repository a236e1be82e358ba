"""Files of a run: whole or not at all, and the same bytes for the same content.

`atomic` writes a file under a temporary name and renames it. `intermediate` and `edges` hold the files between the
steps, `parquet` their format, and `manifest` the list of all files with their checksums.
"""
