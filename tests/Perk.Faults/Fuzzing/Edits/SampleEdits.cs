namespace Perk.Faults.Fuzzing.Edits;

/// <summary>Damages of an input: of one file or several, each by what it is.</summary>
internal static class SampleEdits
{
    /// <summary>Damages an input in one to three ways.</summary>
    /// <param name="sample">What is damaged; stays as it is.</param>
    /// <param name="other">Another sample of its family, to splice from.</param>
    /// <param name="random">Decides how.</param>
    public static Sample Apply(Sample sample, Sample other, Random random)
    {
        for (var edits = random.Next(10) switch { < 6 => 1, < 9 => 2, _ => 3 }; edits > 0 && sample.Files.Count > 0; edits--)
        {
            var (name, bytes) = sample.Files.ElementAt(random.Next(sample.Files.Count));
            var spliced = other.Files.GetValueOrDefault(name) ?? other.Files.Values.First();
            sample = sample.Files.Count > 1 && random.Next(40) == 0
                ? sample.With(name, null)
                : sample.With(name, Damaged(name, bytes, spliced, random));
        }

        return sample;
    }

    private static byte[] Damaged(string name, byte[] bytes, byte[] other, Random random) =>
        random.Next(5) == 0 ? ByteEdits.Apply(bytes, other, random) : Path.GetExtension(name) switch
        {
            ".json" => JsonEdits.Apply(bytes, other, random),
            ".jsonl" or ".txt" or ".bpe" => LineEdits.Apply(bytes, other, random),
            ".safetensors" => SafeTensorsEdits.Apply(bytes, other, random),
            _ => ByteEdits.Apply(bytes, other, random),
        };
}
