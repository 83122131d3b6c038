"""Parts that run in the browser, each a script and a style with thin adapters for the hosts."""
