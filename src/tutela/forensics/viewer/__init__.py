"""Viewer of a case on the investigator's own machine: one item at a time, keyboard grades, pixels in memory alone."""
