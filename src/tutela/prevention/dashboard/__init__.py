"""Overview of prevention for the start page."""
