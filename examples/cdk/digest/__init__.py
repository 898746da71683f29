"""A function that digests messages of a queue."""
