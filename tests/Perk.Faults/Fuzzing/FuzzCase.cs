using System.Globalization;
using Perk.Core;
using Perk.Faults.Fuzzing.Edits;

namespace Perk.Faults.Fuzzing;

/// <summary>Makes the input of a case from seed, family and number alone, so that a case can be repeated.</summary>
internal static class FuzzCase
{
    /// <summary>The input: the first ones are the family's valid samples as they are.</summary>
    public static Sample Draw(Family family, int seed, int number)
    {
        if (number < family.Samples.Count) return family.Samples[number];
        var hash = Ids.Sha256(string.Create(CultureInfo.InvariantCulture, $"{seed}/{family.Name}/{number}"));
        var random = new Random(int.Parse(hash.AsSpan(0, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        return SampleEdits.Apply(family.Samples[random.Next(family.Samples.Count)], family.Samples[random.Next(family.Samples.Count)], random);
    }
}
