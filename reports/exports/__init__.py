"""What reports look like in files that leave."""
