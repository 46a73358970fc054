"""Table of deadlines as data, each with its citation and status."""
