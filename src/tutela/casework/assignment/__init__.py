"""Shared work on cases: claims, viewers, notes, mentions, follows, labels, notifications, and the next case."""
