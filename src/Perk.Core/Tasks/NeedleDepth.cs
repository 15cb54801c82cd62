using System.Globalization;

namespace Perk.Core.Tasks;

/// <summary>Where in a context that which answers stands.</summary>
/// <param name="Share">The share of the context before it, from 0 to 1; null for anywhere.</param>
public readonly record struct NeedleDepth(double? Share)
{
    /// <summary>Anywhere, at random.</summary>
    public static NeedleDepth Random => new(null);

    /// <summary>Reads <c>random</c>, <c>pre</c> (0), <c>mid</c> (0.5), <c>post</c> (1) or a number from 0 to 1.</summary>
    /// <exception cref="ArgumentException">It is none of them.</exception>
    public static NeedleDepth Parse(string text) => text switch
    {
        "random" => Random,
        "pre" => new(0),
        "mid" => new(0.5),
        "post" => new(1),
        _ when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1 => new(share),
        _ => throw new ArgumentException($"Depth '{text}' is unknown; use random, pre, mid, post or a number from 0 to 1."),
    };
}
