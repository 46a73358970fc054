"""What an Edge process runs on: settings, limits, metrics, logs, hashers and the scanner."""
