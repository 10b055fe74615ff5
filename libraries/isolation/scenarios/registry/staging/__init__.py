"""What every experiment on the registry uses: its users and what became of them, attempts, counts, and waiting."""
