"""One case with everything about it, the queue, and reports to the police."""
