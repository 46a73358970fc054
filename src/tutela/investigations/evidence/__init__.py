"""Sealed evidence of an authority: fetch, reseal and archive."""
