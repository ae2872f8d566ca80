# Completes the words of kubectl-ephemeral in fish. Install:
#   kubectl-ephemeral completion fish > ~/.config/fish/completions/kubectl-ephemeral.fish
# For `kubectl ephemeral`, run: kubectl ephemeral completion install

function __kubectl_ephemeral_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    # A quote that is still open cannot be taken off in all versions.
    set -l asked (string unescape -- "$current"; or echo "$current")
    set -l program (string replace -r -- '^~/' "$HOME/" $words[1])
    set -l lines ($program __complete $words[2..-1] "$asked" 2>/dev/null)
    if not string match -qr -- '^:[0-9]+$' "$lines[-1]"
        return
    end
    set -l directive (string replace ':' '' -- $lines[-1])
    set -e lines[-1]
    # What follows `=` is answered without the flag. Quoted, since fish makes nothing of a word beside an empty list.
    set -l kept (string match -r -- '^-[^=]*=' "$asked")
    set -l word (string replace -r -- '^-[^=]*=' '' "$current")
    if test (math "floor($directive / 8) % 2") -eq 1
        for file in (__kubectl_ephemeral_files "$word")
            set -l name (string split -m 1 \t -- $file)[1]
            if string match -q -- '*/' $name; or contains -- (string split -r -m 1 . -- $name)[-1] $lines
                echo "$kept$file"
            end
        end
    else if test (math "floor($directive / 16) % 2") -eq 1
        for folder in (__fish_complete_directories "$word" '')
            echo "$kept$folder"
        end
    else if test (count $lines) -eq 0
        if test (math "floor($directive / 4) % 2") -eq 0
            for file in (__kubectl_ephemeral_files "$word")
                echo "$kept$file"
            end
        end
    else
        if test (math "floor($directive / 32) % 2") -eq 0
            set lines (printf '%s\n' $lines | sort)
        end
        for line in $lines
            echo "$kept$line"
        end
    end
end

# What fish completes for a command that it does not know: files, also after `~/`.
function __kubectl_ephemeral_files
    complete -C "__kubectl_ephemeral_unknown $argv"
end

complete -c kubectl-ephemeral -k -f -a '(__kubectl_ephemeral_complete)'
