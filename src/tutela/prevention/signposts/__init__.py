"""Where people who worry about their thoughts or behaviour find help: dated entries, each with its public source."""
