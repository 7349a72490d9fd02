"""How the schema came to be: one file for every version, which is never changed once it has been published."""
