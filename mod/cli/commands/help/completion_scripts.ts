/** Shells that podstead completes in. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = typeof SHELLS[number];

/**
 * The script that teaches a shell to complete podstead. It only asks podstead
 * itself (`completion words`), so it knows new commands and live IDs.
 */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}

/** Before a brace of the shell's, which this language would take for its own. */
const $ = "$";

const BASH = String.raw`# bash completion for podstead
_podstead() {
  local line=${$}{COMP_LINE:0:COMP_POINT} words=() candidate cur prefix
  IFS=$' \t' read -ra words <<<"$line"
  [[ $line == *[[:blank:]] ]] && words+=("")
  cur=${$}{words[-1]}
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    # What was typed may be any part of it: podstead has chosen.
    [[ $candidate == *"$cur"* ]] && COMPREPLY+=("$candidate")
  done < <(podstead completion words -- "${$}{words[@]:1}" 2>/dev/null)
  # bash takes what follows the last colon or equals sign for the word.
  if [[ $cur == *[:=]* ]]; then
    prefix=${$}{cur%"${$}{cur##*[:=]}"}
    COMPREPLY=("${$}{COMPREPLY[@]#"$prefix"}")
  fi
}
complete -o default -F _podstead podstead
`;

const ZSH = String.raw`#compdef podstead
# zsh completion for podstead
_podstead() {
  local -a lines candidates
  local line
  lines=("${$}{(@f)$(podstead completion words -- "${$}{(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in $lines; do
    candidates+=("${$}{${$}{line%%$'\t'*}//:/\\:}:${$}{line#*$'\t'}")
  done
  if (( $#candidates )); then
    # -U: what was typed may be any part of a candidate; podstead has chosen.
    _describe -t podstead podstead candidates -U
  else
    _files
  fi
}
if [[ $funcstack[1] == _podstead ]]; then
  _podstead "$@"
else
  compdef _podstead podstead
fi
`;

const FISH = String.raw`# fish completion for podstead
function __podstead_words
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l candidates (podstead completion words -- $words[2..] "$current" 2>/dev/null)
    if set -q candidates[1]
        printf '%s\n' $candidates
    else
        __fish_complete_path "$current"
    end
end
complete -c podstead -f -a '(__podstead_words)'
`;

const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
