"""Renders the synthetic egocentric demo set in Ego4D's file layout."""

import os

# MuJoCo picks its renderer when it is first imported; EGL needs no display.
os.environ.setdefault("MUJOCO_GL", "egl")
