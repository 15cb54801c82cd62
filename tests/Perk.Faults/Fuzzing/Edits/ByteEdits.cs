namespace Perk.Faults.Fuzzing.Edits;

/// <summary>Damages of bytes of any kind.</summary>
internal static class ByteEdits
{
    private const int MostAdded = 4096;

    /// <summary>Damages bytes in one way.</summary>
    /// <param name="bytes">What is damaged; stays as it is.</param>
    /// <param name="other">What may be spliced in.</param>
    /// <param name="random">Decides how.</param>
    public static byte[] Apply(byte[] bytes, byte[] other, Random random)
    {
        var (at, to) = Range(bytes.Length, random);
        return random.Next(12) switch
        {
            0 or 1 or 2 => Flipped(bytes, random),
            3 => bytes[..at], // cut off
            4 => bytes[at..], // its beginning lost
            5 => [.. bytes[..at], .. bytes[to..]], // a piece lost
            6 => [.. bytes[..to], .. bytes[at..]], // a piece twice
            7 => [.. bytes, .. Added(random)],
            8 => [.. bytes[..at], .. other[Math.Min(at, other.Length)..]],
            9 => [.. bytes[..at], .. OddBytes.Next(random), .. bytes[at..]],
            10 => [.. bytes[..at], .. OddBytes.Next(random), .. bytes[to..]],
            _ => Blank(bytes.Length, random),
        };
    }

    private static byte[] Flipped(byte[] bytes, Random random)
    {
        byte[] flipped = [.. bytes];
        for (var i = random.Next(1, 5); i > 0 && flipped.Length > 0; i--) flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        return flipped;
    }

    private static byte[] Added(Random random)
    {
        var added = new byte[random.Next(1, MostAdded)];
        if (random.Next(2) == 0) random.NextBytes(added);
        return random.Next(2) == 0 ? added : OddBytes.Next(random);
    }

    private static byte[] Blank(int length, Random random)
    {
        var blank = new byte[random.Next(3) == 0 ? 0 : Math.Min(length, MostAdded)];
        if (random.Next(2) == 0) random.NextBytes(blank);
        return blank;
    }

    private static (int At, int To) Range(int length, Random random)
    {
        var at = random.Next(length + 1);
        return (at, Math.Min(length, at + random.Next(1, Math.Max(2, length / 4))));
    }
}
