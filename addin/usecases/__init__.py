"""What a person can ask for: one function each, called by the ribbon and by the command line alike."""
