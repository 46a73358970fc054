"""Campaign planner: a plan before the start, and only the words that its design allows."""
