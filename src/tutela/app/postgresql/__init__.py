"""PostgreSQL backend: Django's, with a check of idle connections that costs no round trip."""
