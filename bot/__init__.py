"""What is said and why. Platforms, databases and models reach this room only through its ports."""
