namespace Perk.Faults.Fuzzing;

/// <summary>What a run found.</summary>
/// <param name="Seed">What decided its inputs.</param>
/// <param name="Families">Each family.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record FuzzReport(int Seed, IReadOnlyList<FamilyReport> Families, double Seconds)
{
    /// <summary>Cases in all.</summary>
    public int Cases => Families.Sum(family => family.Cases);

    /// <summary>Violations in all.</summary>
    public int Violations => Families.Sum(family => family.Violations);

    /// <summary>The first violations of every family, a sentence each.</summary>
    public string Describe() => string.Join('\n', Families.SelectMany(family => family.First).Select(violation => violation.Describe(Seed)));
}

/// <summary>What a run found in one family.</summary>
/// <param name="Family">Its name.</param>
/// <param name="Cases">How many were tried.</param>
/// <param name="Accepted">How many inputs were accepted.</param>
/// <param name="Refused">How many were refused, by an exception or otherwise.</param>
/// <param name="Exceptions">How many by which type of exception.</param>
/// <param name="Violations">How many ended as none should.</param>
/// <param name="First">The first of these.</param>
internal sealed record FamilyReport(
    string Family, int Cases, int Accepted, int Refused, IReadOnlyDictionary<string, int> Exceptions, int Violations, IReadOnlyList<Violation> First);

/// <summary>A case that ended as none should.</summary>
/// <param name="Family">The family.</param>
/// <param name="Case">Its number.</param>
/// <param name="Fault">What is wrong.</param>
internal sealed record Violation(string Family, int Case, string Fault)
{
    /// <summary>It, and how to repeat it.</summary>
    public string Describe(int seed) => $"{Family} case {Case}: {Fault}\n      again: --seed {seed} --family {Family} --only {Case}";
}
