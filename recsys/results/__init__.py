"""What is measured, and how it is told: metrics, the schema of results.json, and which measurements are shown."""
