"""A trained model as people use it: lists with reasons, chances of stars, near films, what to ask; plain values."""
