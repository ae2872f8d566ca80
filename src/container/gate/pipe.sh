(read -r _line <&3 || exit 1; [ -z "$_line" ] || exit 2) &
_reader=$!
(_left=20; while [ "$_left" -gt 0 ] && sleep 1; do _left=$((_left - 1)); done; kill "$_reader") </dev/null >/dev/null 3<&- 4>&- &
_limit=$!
trap 'kill "$_reader" "$_limit"; exit 124' TERM
wait "$_reader"
case $? in
  0) _frames= ;;
  2) _frames=yes ;;
  *) exit 124 ;;
esac
_take() { dd bs="$1" count=1 iflag=fullblock; }
if [ "$_frames" ]; then
  [ "$(echo ab | _take 2)" = ab ] || _take() { dd bs=1 count="$1"; }
  [ "$(echo ab | _take 2)" = ab ] || exit 124
fi
echo "$_gate go"
echo "$_gate go" >&4
kill "$_limit"
_close() { while read -r _line <&3; do :; done; sleep 1; }
_term=
_command=
trap '_term=yes; kill "$_command"' TERM
_run() { trap - INT QUIT; trap 'echo "$_gate none" >&2' EXIT; exec "$@"; }
if [ "$_frames" ]; then
  { while read -r _size && [ "$_size" -gt 0 ] && _take "$_size"; do :; done <&3 3<&- 4>&- & } | (_run "$@") 2>&4 3<&- 4>&- &
else
  (_run "$@") <&3 2>&4 3<&- 4>&- &
fi
