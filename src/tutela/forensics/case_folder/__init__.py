"""The case folder: one SQLite database that is the journal of the run, and the lists as they were at the start."""
