"""Files of a run: each is written completely or not at all, with the same bytes for the same content.

`atomic` writes a file under a temporary name and renames it; `run_folder` locks the folder of a run. `intermediate`,
`edges`, `stability` and `confounding` read and write the files of the steps, with `parquet` and `hdf5` for their
formats. `manifest` is the list of all files with their checksums. `plain_values` prepares values for any file format.
"""
