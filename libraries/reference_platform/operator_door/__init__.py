"""The operator door: for whoever runs the platform, on a port and with a credential of its own."""

from reference_platform.operator_door.door import OperatorDoor

__all__ = ["OperatorDoor"]
