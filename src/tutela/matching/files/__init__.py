"""Index files and snapshots: layout, container, writer, reader and sealed memory."""
