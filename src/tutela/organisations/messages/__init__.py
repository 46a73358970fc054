"""Messages between organisations: outbox, delivery, inbox, peers and addresses."""
