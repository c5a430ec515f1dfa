"""The user's side: what the Fabric tools need, and the job that shows an installation works."""
