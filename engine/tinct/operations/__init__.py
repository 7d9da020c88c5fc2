"""One file per method: a typed function and its `OPERATION`."""
