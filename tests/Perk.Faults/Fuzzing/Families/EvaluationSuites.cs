using System.Text;
using Perk.Core.Evaluation;
using Perk.Core.Tasks;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Suites of evaluations, as people write them.</summary>
/// <param name="folder">A folder of its own.</param>
internal sealed class EvaluationSuites(string folder) : Family
{
    private const string File = "small.json";

    /// <inheritdoc/>
    public override string Name => "evaluation-suite";

    /// <inheritdoc/>
    public override int Weight => 60;

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; } =
    [
        new Sample("two", File, Encoding.UTF8.GetBytes("""
            {
              "name": "small",
              "description": "for tests",
              "entries": [
                { "name": "a", "task": { "name": "recall", "length": 256, "questions": 2, "seed": 7, "unanswerable": 0.5 }, "contexts": 2, "methods": ["perk", "bm25"] },
                { "name": "b", "task": { "name": "kv", "length": 256, "depth": "mid" }, "contexts": 2, "maxTokens": 8, "retrieved": 3 }
              ]
            }
            """)),
        new Sample("one", File, """{"name":"small","entries":[{"name":"world","task":{"name":"qa1","names":["Ada","Bo"],"eventPrefix":false},"contexts":2}]}"""u8.ToArray()),
    ];

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        input.WriteTo(folder);
        var suite = EvaluationSuite.Load(Path.Combine(folder, File));
        foreach (var entry in suite.Entries) UnusableException.Require(entry is { Name.Length: > 0, Contexts: >= 2, Methods.Count: > 0, Task.Name: not null }, "an entry is not whole");
        return true;
    }

    /// <inheritdoc/>
    public override bool IsRefusal(Exception e) => e is TaskDataException;

    /// <inheritdoc/>
    public override bool NamesInput(Exception refusal) => refusal.Message.Contains(File + ": ", StringComparison.Ordinal);
}
