"""Films for several people at once: which may be listed, and how what each would like becomes one list."""
