#!/bin/sh
# The browser tests need a Chromium, the static pages npm, and the tests of access axe-core from npm (tests/package.json):
# say how to get them, and get them where we may (programs as root on Debian or Ubuntu).
missing=
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing=chromium
command -v npm >/dev/null 2>&1 || missing="$missing npm"
if [ -n "$missing" ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests need: $missing. Install it (Debian: apt install $missing; macOS: brew install chromium node)." >&2
    exit 1
  fi
  # shellcheck disable=SC2086
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null || exit 1
fi
cd "$(dirname "$0")" && npm install --silent --no-package-lock --no-audit --no-fund --prefer-offline && exit 0
echo "npm cannot fetch what tests/package.json names: connect once, and it stays in tests/node_modules." >&2
exit 1
