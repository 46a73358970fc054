"""Anonymous conversations: a case number and a passphrase, proof of work or a ticket, and no trace of the person."""
