"""Figures of this node's organisations: queries over events, publication, recomputation, and evidence for the log."""
