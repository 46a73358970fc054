"""The public hub: search, pages of programmes and studies, citations, and files of other formats that are imported."""
