#!/bin/sh
# The browser tests need a Chromium: say how to get one, and get it where we may (root on Debian or Ubuntu).
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo "The browser tests need Chromium: install it (Debian: apt install chromium; macOS: brew install chromium)." >&2
exit 1
