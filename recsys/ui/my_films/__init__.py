"""The tab of what somebody has rated, marked and been shown."""
