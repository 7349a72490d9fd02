"""The top of the page: who is here, and the forms of accounts."""
