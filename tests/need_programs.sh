#!/bin/sh
# The browser tests need a Chromium, and the static pages npm: say how to get them, and get them where we may (root on Debian or Ubuntu).
missing=
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing=chromium
command -v npm >/dev/null 2>&1 || missing="$missing npm"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  # shellcheck disable=SC2086
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
fi
echo "The tests need: $missing. Install it (Debian: apt install $missing; macOS: brew install chromium node)." >&2
exit 1
