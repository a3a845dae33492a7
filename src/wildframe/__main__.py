"""``python -m wildframe`` is the ``wildframe`` command."""

from wildframe.cli import main

main()
