"""How sessions begin, are cut, resumed and ended, and how rights end."""
