using System.Text;

namespace Perk.Faults.Fuzzing.Edits;

/// <summary>Damages of text in lines; a line that is JSON is damaged as JSON.</summary>
internal static class LineEdits
{
    /// <summary>Damages a text in one way.</summary>
    /// <param name="text">What is damaged; stays as it is.</param>
    /// <param name="other">Where lines may be taken from.</param>
    /// <param name="random">Decides how.</param>
    public static byte[] Apply(byte[] text, byte[] other, Random random)
    {
        var lines = Split(text);
        var i = random.Next(lines.Count);
        switch (random.Next(8))
        {
            case 0: lines.RemoveAt(i); break;
            case 1: lines.Insert(random.Next(lines.Count), lines[i]); break;
            case 2: lines.Insert(i, Encoding.UTF8.GetBytes(OddText.Next(random))); break;
            case 3: lines[i] = [.. lines[i], .. Encoding.UTF8.GetBytes(OddText.Next(random))]; break;
            case 4: lines[i] = Split(other) is var others ? others[random.Next(others.Count)] : []; break;
            case 5: lines[i] = ByteEdits.Apply(lines[i], other, random); break;
            default: lines[i] = JsonEdits.Apply(lines[i], other, random); break;
        }

        return [.. lines.SelectMany((line, at) => at == 0 ? line : [(byte)'\n', .. line])];
    }

    private static List<byte[]> Split(byte[] text)
    {
        var lines = new List<byte[]>();
        foreach (var range in text.AsSpan().Split((byte)'\n')) lines.Add(text[range]);
        return lines;
    }
}
