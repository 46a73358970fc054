"""The ledger: how long each notice took until the absence was verified, by provider, hosting country and week."""
