"""What the target reports about itself, read with distrust, and notes on the reading."""
