"""Transformers: a history is a set of tokens, and attention weighs what each of them says."""
