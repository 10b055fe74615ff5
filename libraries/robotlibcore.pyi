"""What we use of Robot Framework's PythonLibCore, which ships without type information."""

class DynamicCore:
    def __init__(self, library_components: list[object]) -> None: ...
