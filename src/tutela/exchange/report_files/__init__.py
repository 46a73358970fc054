"""Reports as files: several in one archive."""
