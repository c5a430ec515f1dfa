"""The API as bytes: HTTP, signatures, JSON. ``app.py`` shows the whole path of a request."""
