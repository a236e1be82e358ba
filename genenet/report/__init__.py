"""Reports for people: the summary of a run, the report page with its panels and figures, and the methods paragraph."""
