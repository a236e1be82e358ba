"""Write config/config.yaml, its JSON schema and genenet/config/keywords.py.

`python -m genenet.workflow [FOLDER OF THE REPOSITORY]`
"""

from genenet.workflow.generated import main

if __name__ == "__main__":
    main()
