"""What --mode can be, one file each."""
