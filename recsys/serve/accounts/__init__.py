"""Who is at the page: accounts, cookies, and what keeps people apart."""
