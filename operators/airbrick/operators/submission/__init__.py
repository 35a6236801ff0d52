"""Starting a run exactly once, whatever crashes."""
