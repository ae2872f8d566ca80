# Completes the words of kubectl-ephemeral in PowerShell. Install, in the file that $PROFILE names:
#   kubectl-ephemeral completion powershell | Out-String | Invoke-Expression
# For `kubectl ephemeral`, run: kubectl ephemeral completion install

Register-ArgumentCompleter -Native -CommandName 'kubectl-ephemeral', 'kubectl-ephemeral.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements |
        Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object {
            if ($_.Extent.EndOffset -gt $cursorPosition) {
                $_.Extent.Text.Substring(0, $cursorPosition - $_.Extent.StartOffset)
            } elseif ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
                # Without its quotes.
                $_.Value
            } else {
                $_.Extent.Text
            }
        })
    if ($wordToComplete -eq '') {
        # Before 7.3 PowerShell drops an empty word, unless it comes with its own quotes.
        $passes = $PSVersionTable.PSVersion -ge [version]'7.3' -and $PSNativeCommandArgumentPassing -ne 'Legacy'
        $words += if ($passes) { '' } else { '""' }
    }
    $lines = @(& kubectl-ephemeral __complete @words 2>$null)
    if ($lines.Count -eq 0) { return }
    $directive = [int]$lines[-1].Substring(1)
    if ($lines.Count -eq 1) {
        # Where there is nothing to choose, PowerShell offers files, unless it gets an empty word.
        if ($directive -band 4) { '' }
        return
    }
    # These lines are endings of files.
    if ($directive -band 8) { return }
    $kept = ''
    if ($wordToComplete -match '^(-[^=]*=)') { $kept = $Matches[1] }
    foreach ($line in $lines[0..($lines.Count - 2)]) {
        $word, $about = $line -split "`t", 2
        if (-not $about) { $about = $word }
        # A bare comma would make two words of one.
        $text = "$kept$word" -replace '[\s#@$;,''{}()"`|<>&]', '`$&'
        [System.Management.Automation.CompletionResult]::new($text, $word, 'ParameterValue', $about)
    }
}
