"""Make the helpers of these tests, and those of the exhibits', importable."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path += [str(HERE), str(HERE.parents[1] / "exhibits")]
