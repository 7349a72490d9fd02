"""Bayesian matrix factorization: many models in a vote, drawn by Gibbs sampling."""
