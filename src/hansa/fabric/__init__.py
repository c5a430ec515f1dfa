"""What Fabric needs, not where it runs: keys, certificates, configurations, channel definitions."""
