"""Wire formats of removal requests: a host's acceptance of the scheme, hashes for it, and its answers."""
