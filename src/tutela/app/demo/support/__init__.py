"""The support desk in the demonstration: its stories, and its step of the walk."""
