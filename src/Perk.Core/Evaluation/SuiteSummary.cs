using System.Text.Json.Serialization;
using Perk.Core.Storage;

namespace Perk.Core.Evaluation;

/// <summary>What came of a suite, in short: a row of the index, and the head of its report.</summary>
public sealed record SuiteSummary
{
    /// <summary>The form this code writes; raised when a field changes its meaning or goes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The form.</summary>
    public int Schema { get; init; } = CurrentSchema;

    /// <summary>The suite.</summary>
    public required string Suite { get; init; }

    /// <summary>The day of the report, in UTC.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>The checkpoint id.</summary>
    public required string Checkpoint { get; init; }

    /// <summary>The base model's name.</summary>
    public required string Model { get; init; }

    /// <summary>When the last question had its answer.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary><see cref="EvaluationSuite.Definition"/>.</summary>
    public required string Definition { get; init; }

    /// <summary>The report it was compared with; null where it was with none.</summary>
    public required ReportId? Against { get; init; }

    /// <summary>Why it was compared with none, or where not with all of it; null where there is nothing to say.</summary>
    public required string? NotCompared { get; init; }

    /// <summary>The results.</summary>
    public required IReadOnlyList<EntryResults> Entries { get; init; }

    /// <summary>Which report it is of.</summary>
    [JsonIgnore]
    public ReportId Id => new(Date, Checkpoint, Suite);

    /// <summary>The results that are worse than before, with their entries.</summary>
    [JsonIgnore]
    public IEnumerable<(string Entry, MethodResult Result)> Regressions =>
        Entries.SelectMany(e => e.Results.Where(r => r.Regression).Select(r => (e.Name, r)));

    /// <summary>Whether one that was read has nothing in it that cannot be: names that are none, lists with holes.</summary>
    internal bool IsWhole() =>
        IsName(Id) && (Against is null || IsName(Against))
        && Entries.All(e => e is { Results: not null } && NameRules.SuiteFault(e.Name) is null && e.Results.All(r => r is not null && (!r.Regression || (r.Change is not null && Against is not null))));

    private static bool IsName(ReportId id) => NameRules.CheckpointIdFault(id.Checkpoint) is null && NameRules.SuiteFault(id.Suite) is null;
}

/// <summary>The results of an entry, a method each.</summary>
/// <param name="Name">The entry's name.</param>
/// <param name="Results">The results.</param>
public sealed record EntryResults(string Name, IReadOnlyList<MethodResult> Results);

/// <summary>The result of a method.</summary>
/// <param name="Method">The method.</param>
/// <param name="Questions">How many questions.</param>
/// <param name="ExactMatch">Exact match with its 95 % interval over contexts; null where prompts do not fit the window.</param>
/// <param name="Change">The same less that of the earlier report, on the same questions; null where there is nothing to compare with.</param>
/// <param name="Regression">Whether that is worse beyond chance: the whole interval of the change lies below zero. Only methods that know the context can be.</param>
public sealed record MethodResult(string Method, int Questions, MeanInterval? ExactMatch, PairedDifference? Change, bool Regression);
