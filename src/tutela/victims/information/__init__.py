"""Information requests: identity, own items, the child's wish, the answer, and its accessible formats."""
