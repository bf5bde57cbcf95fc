"""What tests stand on: their environment and real servers. Nothing here runs in production."""
