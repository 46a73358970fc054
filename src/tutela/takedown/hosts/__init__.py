"""Where an address answers from: names, networks, contacts, countries."""
