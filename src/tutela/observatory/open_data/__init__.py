"""Open data: datasets with stable versions, CSV and JSON with CSVW metadata, a DCAT-AP catalogue, and citations."""
