"""Life cycle of an indicator: state machine, policy, transitions, disputes and signals."""
