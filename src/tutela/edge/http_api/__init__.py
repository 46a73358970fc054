"""HTTP interface of an Edge: middleware, uploads, bucket events and OpenAPI."""
