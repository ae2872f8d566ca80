# Completes the words of kubectl-ephemeral in bash. Install:
#   kubectl-ephemeral completion bash > ~/.local/share/bash-completion/completions/kubectl-ephemeral
# or, in ~/.bashrc:
#   source <(kubectl-ephemeral completion bash)
# For `kubectl ephemeral`, run: kubectl ephemeral completion install

__kubectl_ephemeral_complete() {
    local typed=${COMP_LINE:0:COMP_POINT} word words=() lines=() line directive cut=
    read -ra words <<< "$typed"
    if [[ $typed == *[[:space:]] ]]; then
        words+=("")
    fi
    word=${words[${#words[@]} - 1]}
    while IFS= read -r line; do
        lines+=("$line")
    done < <("${words[0]}" __complete "${words[@]:1}" 2> /dev/null)
    COMPREPLY=()
    if ((${#lines[@]} == 0)); then
        return
    fi
    directive=${lines[${#lines[@]} - 1]#:}
    unset "lines[${#lines[@]}-1]"
    # What follows `=` is answered without the flag, and bash completes what follows its last `=` or `:`.
    if [[ $word == -*=* ]]; then
        word=${word#*=}
        [[ $COMP_WORDBREAKS == *=* ]] || cut=flag
    fi
    if ((directive & 8)); then
        local file extension
        while IFS= read -r file; do
            if [[ -d $file ]]; then
                COMPREPLY+=("$file")
                continue
            fi
            for extension in "${lines[@]}"; do
                [[ $file == *."$extension" ]] && COMPREPLY+=("$file")
            done
        done < <(compgen -f -- "$word")
        compopt -o filenames 2> /dev/null
        return
    fi
    if ((directive & 16)); then
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -d -- "$word")
        compopt -o filenames 2> /dev/null
        return
    fi
    if ((!(directive & 4))) && ((${#lines[@]} == 0)); then
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
        compopt -o filenames 2> /dev/null
        return
    fi
    if ((directive & 2)); then
        compopt -o nospace 2> /dev/null
    fi
    local before=
    if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
        before=${word%"${word##*:}"}
    fi
    for line in "${lines[@]}"; do
        line=${line%%$'\t'*}
        line=${line#"$before"}
        [[ -n $cut ]] && line=${words[${#words[@]} - 1]%%=*}=$line
        COMPREPLY+=("$line")
    done
}

complete -F __kubectl_ephemeral_complete kubectl-ephemeral
