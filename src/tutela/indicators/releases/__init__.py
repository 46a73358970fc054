"""Releases: build, sign, publish, download and re-check."""
