"""Deconfliction between authorities, without sharing data."""
