"""Hyperledger Fabric contracts in Python: shim, contract API, mock stub."""
