namespace Perk.Core.Tasks;

/// <summary>Keeps what the test split shows out of training by a stable hash of its text, not by lists.</summary>
/// <remarks>A hash, and not the last digit: whether a key is ever told about must not be readable from the key.</remarks>
internal static class HeldOut
{
    /// <summary>Whether a combination of attributes belongs to a split: 1 of 5 to the test split.</summary>
    internal static bool Belongs(string combination, TaskSplit split) =>
        (Hash(combination) % 5 == 0) == (split == TaskSplit.Test);

    /// <summary>
    /// Whether a split may use a key (an id, a UUID) so: of ten keys six are told about in training, two in the test split, one
    /// is asked about in training and one in the test split though nothing is ever told about it.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="split">The split.</param>
    /// <param name="told">Whether contexts tell about it, or questions only ask.</param>
    internal static bool IsKey(string key, TaskSplit split, bool told) => (split, told) == (Hash(key) % 10) switch
    {
        0 or 1 => (TaskSplit.Test, true),
        2 => (TaskSplit.Test, false),
        3 => (TaskSplit.Train, false),
        _ => (TaskSplit.Train, true),
    };

    /// <summary>FNV-1a over the UTF-16 code units, then the finaliser of MurmurHash3, so that every bit counts.</summary>
    private static uint Hash(string text)
    {
        var hash = 2166136261u;
        foreach (var c in text) hash = unchecked((hash ^ c) * 16777619u);
        hash = unchecked((hash ^ (hash >> 16)) * 0x85ebca6bu);
        hash = unchecked((hash ^ (hash >> 13)) * 0xc2b2ae35u);
        return hash ^ (hash >> 16);
    }
}
