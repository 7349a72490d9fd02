"""The tab that shows what a model has learned: films between films, a map, imaginary viewers, other models."""
