# Completes the words of kubectl-ephemeral in PowerShell. Install, in the file that $PROFILE names:
#   kubectl-ephemeral completion powershell | Out-String | Invoke-Expression
# For `kubectl ephemeral`, run: kubectl ephemeral completion install

Register-ArgumentCompleter -Native -CommandName 'kubectl-ephemeral', 'kubectl-ephemeral.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $typed = $commandAst.CommandElements |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { $_.Extent.Text }
    $words = @($typed | Select-Object -Skip 1)
    if ($wordToComplete -eq '') {
        # Before 7.3 PowerShell drops an empty word, unless it comes with its own quotes.
        $passes = $PSVersionTable.PSVersion -ge [version]'7.3' -and $PSNativeCommandArgumentPassing -ne 'Legacy'
        $words += if ($passes) { '' } else { '""' }
    }
    $lines = @(& kubectl-ephemeral __complete @words 2>$null)
    $kept = ''
    if ($wordToComplete -match '^(-[^=]*=)') { $kept = $Matches[1] }
    if ($lines.Count -lt 2 -or [int]$lines[-1].Substring(1) -band 8) { return }
    foreach ($line in $lines[0..($lines.Count - 2)]) {
        $word, $about = $line -split "`t", 2
        if (-not $about) { $about = $word }
        [System.Management.Automation.CompletionResult]::new("$kept$word", $word, 'ParameterValue', $about)
    }
}
