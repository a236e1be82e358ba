"""Write config/config.yaml and the JSON schema: `python -m genenet.workflow [FOLDER OF THE REPOSITORY]`."""

from genenet.workflow.generated import main

if __name__ == "__main__":
    main()
