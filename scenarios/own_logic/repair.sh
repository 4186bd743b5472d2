#!/bin/sh
# Decides row by row: reload what is missing or differs, one copy of what is there twice, nothing about the rest.
# Gets the claims on its standard input, one JSON object a line.
sed -n \
  -e 's/.*"key": \("[^"]*"\), "class": "mismatch".*/{"key": \1, "action": "reload_from_source"}/p' \
  -e 's/.*"key": \("[^"]*"\), "class": "missing".*/{"key": \1, "action": "reload_from_source"}/p' \
  -e 's/.*"key": \("[^"]*"\), "class": "duplicate".*/{"key": \1, "action": "deduplicate"}/p'
