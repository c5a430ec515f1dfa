"""Workloads as supervised processes of one machine."""

from hansa.drivers.local.driver import Boot, LocalDriver
from hansa.drivers.local.hosts import Hosts, HostsFile, NamesChoice, NoHosts, choose_names
from hansa.drivers.local.resources import Usage

__all__ = [
    "Boot",
    "Hosts",
    "HostsFile",
    "LocalDriver",
    "NamesChoice",
    "NoHosts",
    "Usage",
    "choose_names",
]
