"""The data, and what reads it. Stands on none of the other packages."""
