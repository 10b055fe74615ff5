"""The keywords of the agent registry, one topic per file; ``RegistryLibrary`` is their face."""
