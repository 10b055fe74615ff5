"""The page that a reviewer signs: what it says is gathered here, how it looks is in ``resources/report``."""
