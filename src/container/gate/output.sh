(read -r _line <&3) &
_reader=$!
(_left=20; while [ "$_left" -gt 0 ] && sleep 1; do _left=$((_left - 1)); done; kill "$_reader") </dev/null >/dev/null 3<&- 4>&- &
_limit=$!
trap 'kill "$_reader" "$_limit"; exit 143' TERM
_go=
if wait "$_reader"; then
  _go=yes
  echo "$_gate go"
  echo "$_gate go" >&4
fi
kill "$_limit"
_close() { if [ "$_go" ]; then read -r _line <&3 || sleep 1; fi; }
_term=
_command=
trap '_term=yes; kill "$_command"' TERM
(trap - INT QUIT; trap 'echo "$_gate none" >&2' EXIT; exec "$@") </dev/null 2>&4 3<&- 4>&- &
