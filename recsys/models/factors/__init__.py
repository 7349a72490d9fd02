"""Matrix factorization by gradients and by alternating least squares."""
