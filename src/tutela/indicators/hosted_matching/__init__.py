"""Private look-up: the set that clients query without revealing the digest."""
