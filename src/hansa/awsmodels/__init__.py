"""What AWS clients need on the user's side: model overlay, environment, profile, and a wrapper."""
