"""Hashes of indicators: validation, storage, blind index, reference pictures and anomalies."""
