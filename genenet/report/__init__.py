"""Reports for people: the summary of a run, and how much of a known network was found."""
