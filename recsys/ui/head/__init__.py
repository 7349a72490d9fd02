"""What the page says of itself in its head, for whoever shows a link to it."""
