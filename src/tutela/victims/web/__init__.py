"""Pages of removal requests: public, at victim support, and at hosts of the scheme; the API."""
