"""Durable truth: the only package that knows SQLAlchemy. Queries live in a file per noun."""
