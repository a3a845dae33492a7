"""Asks the server of forks to run a program; as a script, in place of the console script.

Rules that call it start in hundredths of a second:

    python -IS fork_client.py SOCKET wildframe ARGUMENT...
"""

import json
import os
import socket
import sys
from collections.abc import Iterable, Mapping


def ask(
    address: str,
    words: Iterable[str],
    folder: str,
    environment: Mapping[str, str],
    streams: Iterable[int] = (0, 1, 2),
) -> int:
    """Have a program run in a folder, with standard streams, and return its exit status."""
    request = {"words": [*words], "folder": folder, "environment": {**environment}}
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(address)
        socket.send_fds(server, [b"\0"], [*streams])
        server.sendall(json.dumps(request).encode())
        server.shutdown(socket.SHUT_WR)
        # Nothing is answered where the server was killed.
        (status,) = server.recv(1)
    return status


if __name__ == "__main__":
    # pathlib takes longer to import than all the rest.
    sys.exit(ask(sys.argv[1], sys.argv[2:], os.getcwd(), os.environ))  # noqa: PTH109
