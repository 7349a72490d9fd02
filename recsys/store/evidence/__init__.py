"""What is kept of everybody who agrees, to be counted: who was shown what, and what they said of it."""
