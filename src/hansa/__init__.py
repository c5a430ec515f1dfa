"""Hansa: the Amazon Managed Blockchain API over real Hyperledger Fabric, self-hosted."""

__version__ = "0.1.0"
