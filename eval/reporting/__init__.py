"""What a run found: summaries, results.json, tables, pictures and report.md."""
