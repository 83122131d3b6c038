"""The hosts: each lays out any demo; nothing of a demo is said here."""
