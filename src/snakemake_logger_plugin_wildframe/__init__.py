"""The progress of a run on the terminal: ``snakemake --logger wildframe``, as the profiles say.

Snakemake finds this package by its name. It imports it at every start, so that it must stay light.
"""

from snakemake_logger_plugin_wildframe.handler import LogHandler

__all__ = ["LogHandler"]
