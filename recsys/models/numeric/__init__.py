"""Arithmetic that several families share: threads, memory, small networks, many small systems or rows, levels."""
