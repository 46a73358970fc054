"""Lists that an Edge has in use: fetch, verify, store, decrypt and share."""
