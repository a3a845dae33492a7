"""What an installed package carries of the project besides modules; in a checkout, links to it."""

import sys
import zipfile
from importlib import metadata
from pathlib import Path

PACKAGE = Path(__file__).parents[1]

DATA = PACKAGE / "data"

WORKFLOW = DATA / "workflow"
"""The folder of its Snakefile, rules and presets."""

PROFILES = DATA / "profiles"
"""The profiles of Snakemake."""


def pack_wheel(folder: Path) -> Path:
    """Write the wheel that the package was installed from anew, and return it.

    Args:
        folder: Folder to write it to.
    """
    package = metadata.distribution("wildframe")
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"wildframe-{package.version}-py3-none-any.whl"
    record = []
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in package.files or ():
            # pip makes the others when it installs: scripts lie outside, and bytecode has no hash.
            if file.hash and ".." not in file.parts:
                packed.write(file.locate(), file.as_posix())
                record.append(f"{file},{file.hash.mode}={file.hash.value},{file.size}")
        name = f"wildframe-{package.version}.dist-info/RECORD"
        packed.writestr(name, "\n".join([*record, f"{name},,", ""]))
    return wheel


if __name__ == "__main__":  # run by the conda environment's post-deploy script
    print(pack_wheel(Path(sys.argv[1])))
