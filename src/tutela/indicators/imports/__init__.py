"""Imports of lists: formats, batches, resume and desk upload."""
