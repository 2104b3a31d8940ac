"""Write every shipped instance: ``python -m fordela.solver.shipped [FOLDER]``."""

import shutil
import sys
from pathlib import Path

from fordela.instances.writing import fill_instance
from fordela.solver.shipped.build import shipped_instances


def main() -> None:
    """Write all instances into a folder, by default the package's own."""
    default = Path(__file__).parents[2] / "instances" / "shipped"
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    for instance in shipped_instances():
        # Part of the program, and its history is in the repository: no seal.
        place = folder / instance.name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        fill_instance(instance, place)
        print(f"{instance.name}: {len(instance.children)} children, {instance.sha256[:12]}")


if __name__ == "__main__":
    main()
