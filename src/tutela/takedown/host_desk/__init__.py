"""The host's desk: received notices, decisions about their addresses, and statements of reasons."""
