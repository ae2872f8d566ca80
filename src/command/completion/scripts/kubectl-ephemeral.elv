# Completes the words of kubectl-ephemeral in elvish. Install, in ~/.config/elvish/rc.elv:
#   eval (kubectl-ephemeral completion elvish | slurp)
# For `kubectl ephemeral` there is nothing, since kubectl has no completion for elvish.

use str

set edit:completion:arg-completer[kubectl-ephemeral] = {|@words|
    # Not `$@words[1..]`, which would cut off the first letter of each.
    var asked = $words[1..]
    var lines = []
    try {
        set lines = [(kubectl-ephemeral __complete $@asked 2>/dev/null)]
    } catch {
        nop
    }
    var directive = :4
    if (> (count $lines) 0) {
        set directive = $lines[-1]
        set lines = $lines[..-1]
    }
    # What follows `=` is answered without the flag.
    var kept = ''
    var typed = $words[-1]
    if (and (str:has-prefix $typed -) (str:contains $typed =)) {
        var flag value = (str:split &max=2 = $typed)
        set kept typed = $flag'=' $value
    }
    if (or (has-value [:8 :16] $directive) (and (eq $directive :0) (eq $lines []))) {
        for folder [(put $typed*[type:dir][nomatch-ok])] {
            edit:complex-candidate $kept$folder/
        }
        if (not-eq $directive :16) {
            for file [(put $typed*[type:regular][nomatch-ok])] {
                if (or (eq $lines []) (has-value $lines [(str:split . $file)][-1])) {
                    edit:complex-candidate $kept$file &code-suffix=' '
                }
            }
        }
    } else {
        var suffix = ' '
        if (has-value [:2 :6 :34 :38] $directive) {
            set suffix = ''
        }
        for line $lines {
            var parts = [(str:split &max=2 "\t" $line)]
            edit:complex-candidate $kept$parts[0] &code-suffix=$suffix &display=(str:join '  ' $parts)
        }
    }
}
