"""Scan files on disk: walk folders and archives, hash, match, keep a journal, write results."""
