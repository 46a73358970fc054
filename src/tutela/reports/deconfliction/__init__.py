"""Relay of deconfliction queries between authorities."""
