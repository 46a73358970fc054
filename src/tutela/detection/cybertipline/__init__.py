"""Filing of reports by the CyberTipline interface."""
