"""JSON schemas of the wire formats."""
