"""Private look-up: the set that clients query without saying of what."""
