"""Support cases: from the first contact to the end of the follow-up, at the desk of victim support."""
