"""What work costs, beside the driver's floor and what a user would otherwise pick: `python3 dev.py bench`."""
