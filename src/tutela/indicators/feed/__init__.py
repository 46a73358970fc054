"""Hash-sharing feed of the register."""
