"""The ``hansa`` command: a folder of small commands over the API, the engine and the processes."""
