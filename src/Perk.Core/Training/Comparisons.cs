using System.Globalization;
using Perk.Core.Models;
using Perk.Core.Tasks;
using Perk.Core.Tasks.StudentRecords;

namespace Perk.Core.Training;

/// <summary>
/// Lines of comparisons as relation questions have them between support and answer, each with its answer: Yes and No by a fair coin.
/// Loss on the answers only.
/// </summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="tokens">The longest sequence.</param>
internal sealed class Comparisons(TextTokenizer tokenizer, int tokens) : ISampleSource
{
    private const int Most = 12;
    private const int Near = 10; // Half of the grades are so close to each other at most.
    private static readonly string[] Majors = [.. School.All.SelectMany(s => s.Majors)];
    private static readonly string[] SchoolNames = [.. School.All.Select(s => s.Name)];

    /// <inheritdoc/>
    public WeightedSequence? Draw(Random random)
    {
        var (ids, weights) = (new List<int>(), new List<float>());
        for (var i = 0; i < Most; i++)
        {
            var (step, holds) = Compare(random);
            var prompt = tokenizer.Encode((i == 0 ? "" : "\n") + step);
            var target = tokenizer.Encode($"\n<output> {(holds ? "Yes" : "No")}</output>");
            if (ids.Count + prompt.Length + target.Length > tokens) break;
            var line = WeightedSequence.Of(prompt, target);
            ids.AddRange(line.Ids);
            weights.AddRange(line.Weights);
        }

        return ids.Count > 0 ? new WeightedSequence([.. ids], [.. weights]) : null;
    }

    private static (string Step, bool Holds) Compare(Random random)
    {
        var holds = random.Next(2) == 0;
        if (random.Next(2) == 0)
        {
            var (high, low) = Grades(random);
            return holds ? ($"{Text(high)} > {Text(low)} ?", true) : ($"{Text(low)} > {Text(high)} ?", false);
        }

        var values = random.Next(3) switch { 0 => Majors, 1 => SchoolNames, _ => School.Years };
        var pair = random.PickDistinct(values, 2);
        return ($"{pair[0]} = {(holds ? pair[0] : pair[1])} ?", holds);
    }

    private static (int High, int Low) Grades(Random random)
    {
        var low = random.Next(100);
        var most = random.Next(2) == 0 ? Math.Min(100, low + Near) : 100;
        return (random.Next(low + 1, most + 1), low);
    }

    private static string Text(int grade) => grade.ToString(CultureInfo.InvariantCulture);
}
