"""The commands that look at files; each is a module of its own, loaded when it is called."""
