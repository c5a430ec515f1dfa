"""A contract that uses all of the stub, and what is expected of it on any peer."""
