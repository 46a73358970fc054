"""Reports to the police, sealed evidence, and holds that the police ask for."""
