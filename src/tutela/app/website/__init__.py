"""What all pages and the API share: frame, navigation, labels, error pages and URLs."""
