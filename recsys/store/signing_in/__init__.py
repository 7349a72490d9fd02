"""Who may sign in: names, passwords, addresses that try too often, and the keys of secrets."""
