"""The database's backend: Django's, with a look at a kept connection that costs no round trip."""
