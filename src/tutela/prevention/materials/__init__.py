"""Materials: source, translation and adaptation as a tree, what is stale in it, and how hard it is to read."""
