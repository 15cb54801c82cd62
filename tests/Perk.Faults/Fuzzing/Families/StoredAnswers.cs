using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Stored answers, as they are looked up.</summary>
/// <param name="folder">A folder of its own.</param>
internal sealed class StoredAnswers(string folder) : RecordFamily
{
    private readonly DirectoryStore _store = new(folder);

    /// <inheritdoc/>
    public override string Name => "stored-answer";

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; } =
    [
        Record("answered", Valid()),
        Record("failed", Valid() with { Status = JobStatus.Failed, Answer = null, Text = null, Support = [], Score = null, Reason = "The document was deleted; submit it again." }),
        Record("several", Valid() with { Documents = [Answer("Clara"), Answer(null)] }),
    ];

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        var name = Names.Answer(Collection, "q1");
        new Sample(Name, name.Path, input.Bytes).WriteTo(Path.Combine(folder, name.Container));
        if (StoredAnswer.FindAsync(_store, Collection, "q1", CancellationToken.None).GetAwaiter().GetResult() is not { } answer) return false;
        RequireKnown(answer.Status);
        UnusableException.Require(answer is { Id: not null, Question: not null, Checkpoint: not null }, "its id, question or checkpoint is null");
        RequireLines(answer.Support);
        UnusableException.Require(answer.Documents?.All(d => d is { Adapter: not null }) == true, "its documents are null, or one of them or its adapter");
        foreach (var document in answer.Documents!) RequireLines(document.Support);
        RequireWritable(answer);
        return true;
    }

    private static void RequireLines(IReadOnlyList<SupportLine>? lines) =>
        UnusableException.Require(lines?.All(line => line is { Text: not null }) == true, "its support is null, or a line of it");

    private static DocumentAnswer Answer(string? text) => new(
        Ids.Sha256("document"), Ids.Sha256("adapter")[..32], text is null ? "The adapter is missing." : null, text, text, text is null ? [] : [new SupportLine(text, 3, 0)], -0.5, 4, 0.25);

    private static StoredAnswer Valid() => new()
    {
        Id = "q1", Question = "Who dropped the watch?", Status = JobStatus.Succeeded, Answer = "Clara", Text = " <output> Clara</output>",
        Support = [new SupportLine("Clara dropped the watch.", 12, 0), new SupportLine("It fell.", null, null)], Score = -0.125, Document = Ids.Sha256("document"),
        Adapter = Ids.Sha256("adapter")[..32], Checkpoint = Ids.Sha256("checkpoint"), Tokens = 5, AnswerSeconds = 0.75, Answered = Moment,
    };
}
