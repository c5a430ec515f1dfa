"""Fabric's own gRPC services, as functions: peers, orderers and what is signed for them.

Pure in :mod:`~hansa.fabric.rpc.proposals` and :mod:`~hansa.fabric.rpc.configs`; connections are in
:mod:`~hansa.fabric.rpc.connections`, :mod:`~hansa.fabric.rpc.peer` and
:mod:`~hansa.fabric.rpc.orderer`. Messages are those of ``fabric_protos``.
"""
