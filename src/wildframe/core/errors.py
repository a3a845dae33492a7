"""The one exception that is the user's to mend."""


class UserError(Exception):
    """A problem in the user's input, told in one sentence: file, record and remedy.

    The command line prints it as ``ERROR: ...`` and exits with status 2, without a traceback.
    """
