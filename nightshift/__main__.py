"""The door: answers --version at once, everything else is the command line's."""

import gc
import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        from nightshift import __version__

        sys.stdout.write(f"nightshift {__version__}\n")
        return
    # Imports make objects that stay; looking for garbage among them costs a tenth of a short command.
    gc.set_threshold(50_000)
    from nightshift.cli import app

    try:
        app()
    finally:
        # A dying interpreter looks for garbage once more, among all that was imported.
        gc.freeze()


if __name__ == "__main__":
    main()
