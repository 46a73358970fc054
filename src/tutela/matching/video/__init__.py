"""Similarity of videos: vPDQ, TMK and frames in order."""
