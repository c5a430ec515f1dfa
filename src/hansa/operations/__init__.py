"""Use cases, a file per noun: read the store, apply the domain, write intent in one transaction."""
