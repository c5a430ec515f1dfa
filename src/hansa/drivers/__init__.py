"""Where workloads run. A driver knows nothing of Fabric."""
