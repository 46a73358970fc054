"""Returns of this node's organisations: prefilled, filed, received from others, compared and added up."""
