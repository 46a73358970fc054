"""Reference lists of a case: known, known elsewhere and ignorable; VICS files, hash sets, supplied PhotoDNA values."""
