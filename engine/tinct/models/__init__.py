"""Networks: what a manifest says of one, where its file lies, and how it is run."""
