# kubectl-ephemeral: runs the command once somebody is attached who sees its output from the first byte.
exec 3<&0 4>&2 2>/dev/null
_gate=@FIRST@'@SECOND@'
