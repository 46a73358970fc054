"""Base of every message: canonical JSON, signatures, timestamps, texts, XML, spreadsheets and problems."""
