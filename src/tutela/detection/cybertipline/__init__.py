"""CyberTipline upload: send reports to recipients that have the CyberTipline interface."""
