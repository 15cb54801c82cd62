using Perk.Core.Storage;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Messages with questions.</summary>
internal sealed class QuestionsMessages : MessageFamily
{
    /// <inheritdoc/>
    public override string Name => "questions-message";

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; } =
    [
        Message("document", (Valid() with { Document = Id("document") }).ToJson()),
        Message("documents", (Valid() with { Documents = [Id("a"), Id("b"), Id("c")], Traceparent = Trace }).ToJson()),
        Message("adapter", (Valid() with { Adapter = Id("adapter")[..32], Deadline = DateTimeOffset.UnixEpoch.AddYears(56), Generation = 2 }).ToJson()),
        Message("many", (Valid() with { Document = Id("document"), Questions = [.. Enumerable.Range(0, QuestionsMessage.MostQuestions).Select(i => new Question($"q{i}", "Who?"))] }).ToJson()),
        Unescaped(),
    ];

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        var message = QuestionsMessage.Parse(input.Bytes);
        RequireSame(UnusableException.Unless("ToJson", message.ToJson), json => QuestionsMessage.Parse(json).ToJson());
        return true;
    }

    /// <summary>Nearly as long as allowed, as other writers than this product's spell such characters: as they are.</summary>
    private static Sample Unescaped()
    {
        var json = (Valid() with { Document = Id("document"), Questions = [.. Enumerable.Range(0, 8).Select(i => new Question($"q{i}", "SMILE"))] }).ToJson();
        return Message("unescaped", json.Replace("SMILE", string.Concat(Enumerable.Repeat("🙂", 1400)), StringComparison.Ordinal));
    }

    private static QuestionsMessage Valid() => new()
    {
        Collection = Collection,
        Checkpoint = Id("checkpoint"),
        Questions = [new Question("q1", "Who dropped the watch?"), new Question("q2", "Où est l'été — 「どこ」 🙂?")],
        Job = Names.AskJob("q1"),
    };
}
