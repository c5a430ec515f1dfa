"""Measures an installation, and the API side by side with moto's server.

``python -m bench`` starts what it measures in a temporary directory, on ports that the system
gives, and leaves nothing behind but a file in ``bench/results/``.
"""
