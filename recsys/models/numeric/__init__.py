"""Arithmetic that several families share: threads, memory, many small systems or rows at once, levels in groups."""
