"""Where observations come from: adapters that post to the ingest API, and a simulated border that stands in for one."""
