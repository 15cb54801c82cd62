using System.Text;
using System.Text.Json;
using Perk.Core.Evaluation;
using Perk.Core.Storage;

namespace Perk.Core.Tests.Evaluation;

/// <summary>A suite of two entries about pages of one sentence: three contexts with two questions, two with one.</summary>
internal sealed class SmallSuite : IDisposable
{
    public const string Name = "small";

    private readonly TemporaryFolder _folder = new();

    public SmallSuite()
    {
        string[] girls = ["Lily", "Anna", "Mia"];
        File.WriteAllLines(_folder.File("girls.jsonl"), girls.SelectMany((girl, i) => (string[])
        [
            Line($"{girl} had {i + 2} red balls.", "Who had red balls?", girl),
            Line($"{girl} had {i + 2} red balls.", $"How many red balls did {girl} have?", $"{i + 2}"),
        ]));
        File.WriteAllLines(_folder.File("keys.jsonl"), [Line("The key lies under the mat.", "Where is the key?", "under the mat"), Line("The key lies in the box.", "Where is the key?", "in the box")]);
        Write(contexts: 3);

        static string Line(string context, string question, string answer) => JsonSerializer.Serialize(new { context, question, answers = new[] { answer } });
    }

    /// <summary>The folder of the suite, and books that it does not need.</summary>
    public EvaluationFiles Files => new(_folder.Path, RepositoryFiles.Books);

    /// <summary>Writes the suite with so many contexts about girls.</summary>
    public void Write(int contexts) => File.WriteAllText(_folder.File(Name + ".json"), $$"""
        {
          "name": "{{Name}}",
          "entries": [
            { "name": "girls", "task": { "name": "jsonl", "data": "girls.jsonl" }, "contexts": {{contexts}}, "maxTokens": 4 },
            { "name": "keys", "task": { "name": "jsonl", "data": "keys.jsonl" }, "contexts": 2, "methods": ["bm25", "none"], "maxTokens": 4 }
          ]
        }
        """);

    /// <summary>Makes a method's answers in a stored report right, or wrong.</summary>
    /// <param name="store">The store.</param>
    /// <param name="id">The report.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="method">The method.</param>
    /// <param name="right">Which, by context and number.</param>
    public static async Task RewriteAsync(IObjectStore store, ReportId id, string entry, string method, Func<int, int, bool> right)
    {
        var now = TestContext.Current.CancellationToken;
        await foreach (var path in store.ListAsync(Names.Reports, Names.ReportContexts(id, entry), now))
        {
            var name = new ObjectName(Names.Reports, path);
            var kept = System.Text.Json.Nodes.JsonNode.Parse((await store.ReadAllBytesAsync(name, now))!)!;
            foreach (var row in kept["rows"]!.AsArray())
                if ((string?)row!["method"] == method) row["exactMatch"] = right((int)row["context"]!, (int)row["number"]!);
            await store.WriteAsync(name, Encoding.UTF8.GetBytes(kept.ToJsonString()), now);
        }
    }

    public void Dispose() => _folder.Dispose();
}
