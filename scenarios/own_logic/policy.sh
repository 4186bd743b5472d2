#!/bin/sh
# A rollback policy as a team might have it: back when the reconciler finds too much, hold while it finds anything or
# has said nothing, else on. Gets one JSON object on its standard input; answers with a word.
bad=$(sed -n 's/.*"own_bad": {"unit": "count", "value": \([0-9.]*\).*/\1/p')
case $bad in
  '') echo hold ;;                              # null: no data is not a pass
  0) echo proceed ;;
  ? | ??) echo hold ;;                          # up to 99 rows
  *) echo roll_back ;;
esac
