"""The tab of measurements."""
