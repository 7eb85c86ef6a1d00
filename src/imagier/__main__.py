"""`python -m imagier` is the same as `imagier`."""

from imagier.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
