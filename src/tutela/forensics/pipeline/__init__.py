"""The run of a case: list the devices, read what the authorisation allows, hash, look up, and record."""
