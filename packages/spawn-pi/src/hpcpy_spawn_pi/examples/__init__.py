"""The examples in teaching order. Importing this package does not start MPI."""

from hpcpy_core.examples import list_topics

__all__ = ["TIMEOUT", "TOPICS"]

TIMEOUT = 30.0
"""Seconds that an example waits for other processes."""

TOPICS = list_topics(
    __name__,
    {
        "New processes": {
            "spawn_workers": "start processes, talk to them, part: Spawn, Get_parent, Disconnect",
            "spawn_and_merge": "parents and children as one communicator: Spawn, Merge",
            "spawn_multiple": "two programs in one new world: Spawn_multiple, APPNUM",
        },
        "Processes that meet": {
            "client_server": "connect two groups by a port: Open_port, Accept, Connect",
            "name_service": "find the port by a name: Publish_name, Lookup_name",
        },
    },
)
