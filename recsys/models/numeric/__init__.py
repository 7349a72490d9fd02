"""Arithmetic that several families share: threads, memory, many small systems at once, levels in groups."""
