"""Hosts of the scheme, as victim support sees them: terms, fingerprints sent to them, and their answers."""
