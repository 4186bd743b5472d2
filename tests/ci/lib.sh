# What the shell tests share: a scratch folder, and expectations about a command's exit and output.
set -euo pipefail
program=$1 source=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
broken=0

complain() {
  broken=1
  printf 'BROKEN: %s\n' "$1"
  sed 's/^/    /' out
}

# expect CODE WHAT ARGUMENT...: runs the program and holds its exit code; its output is in ./out.
expect() {
  local wanted=$1 what=$2 code=0
  shift 2
  "$program" "$@" >out 2>&1 || code=$?
  ((code == wanted)) || complain "$what: exit $code instead of $wanted"
}
says() { grep -qF -- "$1" "${2:-out}" || complain "it does not say: $1"; }
does_not_say() { ! grep -qF -- "$1" "${2:-out}" || complain "it says: $1"; }
