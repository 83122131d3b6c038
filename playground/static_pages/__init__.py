"""The demos without a server: `build` writes a folder that any web server hosts, whose networks run in the visitor's browser."""
