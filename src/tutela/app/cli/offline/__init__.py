"""Commands that work without a node: scan, match, verify, lists, Edge and witness."""
