"""The figures of the pages, drawn by genenet when they are built."""
