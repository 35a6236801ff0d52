"""What the emulator's web pages are made of."""
