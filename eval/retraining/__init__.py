"""The next model, of a data set and of what consenting people rated beside it, and whether it may answer."""
