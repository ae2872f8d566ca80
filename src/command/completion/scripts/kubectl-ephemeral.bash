# Completes the words of kubectl-ephemeral in bash. Install:
#   kubectl-ephemeral completion bash > ~/.local/share/bash-completion/completions/kubectl-ephemeral
# or, in ~/.bashrc:
#   source <(kubectl-ephemeral completion bash)
# For `kubectl ephemeral`, run: kubectl ephemeral completion install

__kubectl_ephemeral_complete() {
    local typed=${COMP_LINE:0:COMP_POINT} program word words=() lines=() line directive cut=
    read -ra words <<< "$typed"
    if [[ $typed == *[[:space:]] ]]; then
        words+=("")
    fi
    word=${words[${#words[@]} - 1]}
    program=${words[0]/#\~\//$HOME/}
    while IFS= read -r line; do
        lines+=("$line")
    done < <("$program" __complete "${words[@]:1}" 2> /dev/null)
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
            if [[ -d ${file/#\~\//$HOME/} ]]; then
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
    if ((directive & 32)); then
        # Since bash 4.4.
        compopt -o nosort 2> /dev/null
    fi
    local before= name about longest=0
    if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
        before=${word%"${word##*:}"}
    fi
    for line in "${lines[@]}"; do
        name=${line%%$'\t'*}
        name=${name#"$before"}
        [[ -n $cut ]] && name=${words[${#words[@]} - 1]%%=*}=$name
        COMPREPLY+=("$name")
        ((${#name} > longest)) && longest=${#name}
    done
    # What is shown to choose from has descriptions; what is put into the line (37 and 42 are menus) must not.
    if ((${#lines[@]} < 2 || COMP_TYPE == 37 || COMP_TYPE == 42)); then
        return
    fi
    local index=0 width=$((${COLUMNS:-80} - longest - 5))
    for line in "${lines[@]}"; do
        if [[ $line == *$'\t'* ]] && ((width > 8)); then
            about=${line#*$'\t'}
            printf -v name "%-${longest}s  (%s)" "${COMPREPLY[index]}" "${about:0:width}"
            COMPREPLY[index]=$name
        fi
        ((index += 1))
    done
}

complete -F __kubectl_ephemeral_complete kubectl-ephemeral
