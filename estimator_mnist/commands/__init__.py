"""What the three commands share: flags, help, flagfiles, a start without noise."""
