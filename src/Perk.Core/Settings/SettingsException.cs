namespace Perk.Core.Settings;

/// <summary>Settings that cannot be used: every fault at once, each with its key.</summary>
/// <param name="faults">One sentence for each.</param>
public sealed class SettingsException(IReadOnlyList<string> faults)
    : ArgumentException(faults.Count == 1 ? $"The setting {faults[0]}" : $"{faults.Count} settings cannot be used:\n{string.Join('\n', faults.Select(f => "  " + f))}")
{
    /// <summary>One sentence for each fault, beginning with the key.</summary>
    public IReadOnlyList<string> Faults => faults;
}
