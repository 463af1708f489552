"""One folder per membership or job system."""
