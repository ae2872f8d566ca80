#compdef kubectl-ephemeral
# Completes the words of kubectl-ephemeral in zsh. Install, into a folder of $fpath:
#   kubectl-ephemeral completion zsh > "${fpath[1]}/_kubectl-ephemeral"
# For `kubectl ephemeral`, run: kubectl ephemeral completion install

_kubectl-ephemeral() {
    local line directive current=${words[CURRENT]}
    local -a lines names shown wish
    lines=("${(@f)$("${words[1]}" __complete "${(@)words[2,CURRENT]}" 2> /dev/null)}")
    (( ${#lines} )) || return 1
    directive=${lines[-1]#:}
    lines=("${(@)lines[1,-2]}")
    # What follows `=` is answered without the flag.
    if [[ $current == -*=* ]]; then
        compset -P '*='
    fi
    if (( directive & 8 )); then
        _files -g "*.(${(j:|:)lines})"
        return
    fi
    if (( directive & 16 )); then
        _files -/
        return
    fi
    if (( !(directive & 4) && ! ${#lines} )); then
        _files
        return
    fi
    (( directive & 2 )) && wish=(-S '')
    for line in "${(@)lines}"; do
        names+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  -- }")
    done
    compadd "${wish[@]}" -l -d shown -a names
}

if [[ ${funcstack[1]} == _kubectl-ephemeral ]]; then
    _kubectl-ephemeral "$@"
else
    compdef _kubectl-ephemeral kubectl-ephemeral
fi
