"""Overview for the start page."""
