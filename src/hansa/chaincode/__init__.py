"""Fabric's external builders for Go, Node.js, Java, Python and chaincode as a service.

The engine installs a copy of this package beside the stubs that peers call, so it imports nothing
but the standard library and itself, and starts in a few milliseconds. A peer calls ``detect``,
``build``, ``release`` and ``run`` of each builder (Fabric's documentation, "External builders and
launchers"); :mod:`hansa.chaincode.main` takes them.
"""
