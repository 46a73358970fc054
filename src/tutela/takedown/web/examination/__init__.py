"""Pages of analysts' machines, tasks and results, and of the files that were found."""
