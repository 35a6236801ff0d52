"""What a run is, how it ended, and what that means for the task."""
