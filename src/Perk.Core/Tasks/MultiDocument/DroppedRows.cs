namespace Perk.Core.Tasks.MultiDocument;

/// <summary>Counts of rows left out.</summary>
internal static class DroppedRows
{
    /// <summary>A count by one reason; nothing where it is 0.</summary>
    internal static IReadOnlyDictionary<string, int> Count(string reason, int rows) => rows == 0
        ? new Dictionary<string, int>(StringComparer.Ordinal)
        : new Dictionary<string, int>(StringComparer.Ordinal) { [reason] = rows };
}
