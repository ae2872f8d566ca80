# Completes the words of kubectl-ephemeral in elvish. Install, in ~/.config/elvish/rc.elv:
#   eval (kubectl-ephemeral completion elvish | slurp)
# For `kubectl ephemeral`, run: kubectl ephemeral completion install

use str

set edit:completion:arg-completer[kubectl-ephemeral] = {|@words|
    var kept = ''
    var last = $words[-1]
    if (and (str:has-prefix $last -) (str:contains $last =)) {
        set kept = $last[..(+ (str:index $last =) 1)]
    }
    var lines = [(kubectl-ephemeral __complete $@words[1..] 2>/dev/null)]
    if (and (> (count $lines) 1) (not (has-value [:8 :16] $lines[-1]))) {
        for line $lines[..-1] {
            var parts = [(str:split &max=2 "\t" $line)]
            edit:complex-candidate $kept$parts[0] &display=(str:join '  ' $parts)
        }
    } elif (not-eq $lines[-1] :4) {
        edit:complete-filename $last
    }
}
