using System.Text;
using Perk.Cli.Commands;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Lists of documents for <c>perk batch</c>, a JSON object a line.</summary>
/// <param name="folder">A folder of its own.</param>
internal sealed class BatchManifests(string folder) : Family
{
    private const string File = "documents.jsonl";

    /// <inheritdoc/>
    public override string Name => "batch-manifest";

    /// <inheritdoc/>
    public override int Weight => 60;

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; } =
    [
        new Sample("three", File, Encoding.UTF8.GetBytes("""
            {"file": "notes/1.txt"}
            {"file": "notes/2.txt", "name": "the second"}

            {"file": "/absolute/3.txt", "name": "été"}
            """)),
        new Sample("one", File, """{"file":"a.md"}"""u8.ToArray()),
    ];

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        input.WriteTo(folder);
        foreach (var (file, name) in BatchManifest.Of([Path.Combine(folder, File)]))
        {
            UnusableException.Unless("finding its file", () => Path.GetFullPath(file));
            UnusableException.Require(name is not null, "a document has no name");
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool IsRefusal(Exception e) => e is ArgumentException;

    /// <inheritdoc/>
    public override bool NamesInput(Exception refusal) => refusal.Message.Contains(File + ", line ", StringComparison.Ordinal);
}
