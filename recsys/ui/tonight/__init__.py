"""A film for tonight: people who find each other by a code, or are there by a file, and one list for all of them."""
