"""Build the training corpus: fetch packages, render instruments, cut clips, write shards and an index."""

__all__: list[str] = []
