"""Lists of partners: subscription, sync, file import, redistribution, proposals and feedback."""
