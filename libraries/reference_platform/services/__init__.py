"""The stores that the platform works with: started by itself, or given by the environment."""

from reference_platform.services.addresses import ServiceAddresses
from reference_platform.services.embedded import EmbeddedServices
from reference_platform.services.errors import ServiceError
from reference_platform.services.external import external_addresses

__all__ = ["EmbeddedServices", "ServiceAddresses", "ServiceError", "external_addresses"]
