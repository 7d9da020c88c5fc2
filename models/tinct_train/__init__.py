"""Training, export and evaluation of tinct's own colorization network (needs the extra `train`)."""
