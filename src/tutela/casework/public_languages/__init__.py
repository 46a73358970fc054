"""Texts of the public pages in each language, with the review that safety-critical ones need."""
