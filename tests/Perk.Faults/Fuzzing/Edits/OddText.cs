namespace Perk.Faults.Fuzzing.Edits;

/// <summary>Texts that readers tend to stumble over; all well-formed Unicode.</summary>
internal static class OddText
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "", " ", "\t", "\0", "a\0b", "\u0001\u001b[31m", "\u2028", "\uFEFF", "\uFFFD", "\uFFFF", "\u202Eevil", "e\u0301", "\u1E9B\u0323", "\u0130", "İ", "ß", "ſ", "K",
        "👩‍👩‍👧‍👦", "💥", "𝐀𝟘", "\U0010FFFF", "٣", "½", "..", "../../etc/passwd", "/", "\\", "C:\\x", "con", "a/b", ".", "null", "NaN", "Infinity", "-0", "1e5", "True",
        "0x10", "'", "\"", "{}", "%s%n", "${x}", "<script>", new string('a', 300), new string('x', 5000), string.Concat(Enumerable.Repeat("💥", 700)), new string('\u0301', 200),
    ];

    /// <summary>One of them.</summary>
    public static string Next(Random random) => All[random.Next(All.Count)];
}
