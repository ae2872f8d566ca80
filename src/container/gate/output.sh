# kubectl-ephemeral: runs the command once somebody is attached who sees its output from the first byte.
exec 3<&0 4>&2 2>/dev/null
_gate=@FIRST@'@SECOND@'
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
_term=
_command=
trap '_term=yes; kill "$_command"' TERM
(trap - INT QUIT; trap 'echo "$_gate none" >&2' EXIT; exec "$@") </dev/null 2>&4 3<&- 4>&- &
_command=$!
if [ "$_term" ]; then kill "$_command"; fi
wait "$_command"
_code=$?
while [ "$_code" = 143 ] && [ "$_term" ]; do
  _term=
  wait "$_command"
  _again=$?
  [ "$_again" = 127 ] || _code=$_again
done
trap 'exit "$_code"' TERM
echo "$_gate end"
echo "$_gate $_code" >&4
if [ "$_go" ]; then read -r _line <&3 || sleep 1; fi
exit "$_code"
