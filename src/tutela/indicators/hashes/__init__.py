"""Hashes of indicators: validation, storage, blind index, reference images and anomalies."""
