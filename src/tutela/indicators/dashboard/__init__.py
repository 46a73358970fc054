"""Register summary on the start page."""
