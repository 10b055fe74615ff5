"""The resource monitor: samples, the operator API, the machine."""
