"""Readers of other formats, one a file: DOI metadata, RIS and BibTeX, JATS."""
