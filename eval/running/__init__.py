"""One model on one split: fitted, asked, measured, and what that took."""
