"""Inbox of an authority: receive, fetch, offline files, retention and withdrawals."""
