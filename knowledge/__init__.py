"""What the bot knows: the data, and the code that reads it. Imports none of the other three packages."""
