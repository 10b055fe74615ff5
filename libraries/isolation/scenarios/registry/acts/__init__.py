"""Parts of the experiments on the registry, each about one subject."""
