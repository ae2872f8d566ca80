#compdef kubectl-ephemeral
# Completes the words of kubectl-ephemeral in zsh. Install, into a folder of $fpath:
#   kubectl-ephemeral completion zsh > "${fpath[1]}/_kubectl-ephemeral"
# or, in ~/.zshrc, after compinit:
#   source <(kubectl-ephemeral completion zsh)
# For `kubectl ephemeral`, run: kubectl ephemeral completion install

_kubectl-ephemeral() {
    local line name directive current=$PREFIX
    local -i width=0
    local -a lines names shown wish
    # Quotes are not part of the words, and `~` may stand before the program.
    lines=("${(@f)$(${~words[1]} __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)current}" 2> /dev/null)}")
    directive=${lines[-1]}
    [[ $directive == :<-> ]] || return 1
    directive=${directive#:}
    lines=("${(@)lines[1,-2]}")
    # What follows `=` is answered without the flag.
    if [[ $current == -*=* ]]; then
        compset -P 1 '*='
    fi
    if (( directive & 8 )); then
        _files -g "*.(${(j:|:)lines})"
        return
    fi
    if (( directive & 16 )); then
        _files -/
        return
    fi
    if (( ! ${#lines} )); then
        (( directive & 4 )) && return 1
        _files
        return
    fi
    for line in "${(@)lines}"; do
        name=${line%%$'\t'*}
        names+=("$name")
        (( ${#name} > width )) && width=${#name}
    done
    for line in "${(@)lines}"; do
        name=${line%%$'\t'*}
        if [[ $line == *$'\t'* ]]; then
            name="${(r:width:)name}  -- ${line#*$'\t'}"
            wish=(-l)
        fi
        shown+=("$name")
    done
    (( directive & 2 )) && wish+=(-S '')
    (( directive & 32 )) && wish+=(-V kubectl-ephemeral)
    compadd "${wish[@]}" -d shown -a names
}

if [[ ${funcstack[1]} == _kubectl-ephemeral ]]; then
    _kubectl-ephemeral "$@"
else
    compdef _kubectl-ephemeral kubectl-ephemeral
fi
