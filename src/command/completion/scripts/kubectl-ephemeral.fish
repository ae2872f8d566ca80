# Completes the words of kubectl-ephemeral in fish. Install:
#   kubectl-ephemeral completion fish > ~/.config/fish/completions/kubectl-ephemeral.fish
# For `kubectl ephemeral`, run: kubectl ephemeral completion install

function __kubectl_ephemeral_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines ($words[1] __complete $words[2..-1] $current 2>/dev/null)
    if test (count $lines) -eq 0
        return
    end
    set -l directive (string replace ':' '' -- $lines[-1])
    set -e lines[-1]
    # What follows `=` is answered without the flag.
    set -l kept (string match -r -- '^-.*?=' $current)
    set -l word (string replace -r -- '^-.*?=' '' $current)
    if test (math "$directive % 8") -lt 4; and test (count $lines) -eq 0; or test $directive -ge 8
        for file in (__fish_complete_path $word)
            echo $kept$file
        end
        return
    end
    for line in $lines
        echo $kept$line
    end
end

complete -c kubectl-ephemeral -f -a '(__kubectl_ephemeral_complete)'
