"""`python -m genenet`: the same as the command `genenet`."""

from genenet.cli import main

if __name__ == "__main__":
    main()
