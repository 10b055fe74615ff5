"""The parts of ``RegistryLibrary``."""
