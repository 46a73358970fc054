"""Orders of authorities: request, issue, clocks, answers of the recipients, withdrawal and reversal."""
