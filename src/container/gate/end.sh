_command=$!
if [ "$_term" ]; then kill "$_command"; fi
wait "$_command"
_code=$?
while [ "$_code" = 143 ] && [ "$_term" ]; do
  _term=
  wait "$_command"
  _again=$?
  case $_again in 127 | -1) ;; *) _code=$_again ;; esac
done
trap 'exit "$_code"' TERM
echo "$_gate end"
echo "$_gate $_code" >&4
_close
exit "$_code"
