namespace Perk.Faults.Fuzzing;

/// <summary>Counts how the cases of a family end.</summary>
/// <param name="family">Its name.</param>
internal sealed class FamilyTally(string family)
{
    private const int Kept = 10;
    private readonly SortedDictionary<string, int> _exceptions = new(StringComparer.Ordinal);
    private readonly List<Violation> _first = [];
    private int _cases, _accepted, _violations;

    /// <summary>Counts a case.</summary>
    public void Add(int number, Verdict verdict)
    {
        _cases++;
        if (verdict.Accepted) _accepted++;
        if (verdict.Exception is { } type) _exceptions[type] = _exceptions.GetValueOrDefault(type) + 1;
        if (verdict.Fault is not { } fault) return;
        _violations++;
        if (_first.Count < Kept) _first.Add(new Violation(family, number, fault));
    }

    /// <summary>What was counted.</summary>
    public FamilyReport Report() => new(family, _cases, _accepted, _cases - _accepted, _exceptions, _violations, _first);
}
