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
_close
exit "$_code"
