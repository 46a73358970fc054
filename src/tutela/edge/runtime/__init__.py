"""Runtime of an Edge process: settings, limits, metrics, logs, hashers and the scanner."""
