"""Commands that work on a node and need its database."""
