using Perk.Core.Storage;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Messages to run a suite of evaluations.</summary>
internal sealed class EvaluateMessages : MessageFamily
{
    /// <inheritdoc/>
    public override string Name => "evaluate-message";

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; } =
    [
        Message("plain", Valid().ToJson()),
        Message("traced", (Valid() with { Generation = 3, Traceparent = Trace }).ToJson()),
    ];

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        var message = EvaluateMessage.Parse(input.Bytes);
        RequireSame(UnusableException.Unless("ToJson", message.ToJson), json => EvaluateMessage.Parse(json).ToJson());
        return true;
    }

    private static EvaluateMessage Valid() => new()
    {
        Collection = Names.DefaultCollection, Suite = "nightly-2", Checkpoint = Id("checkpoint"), Date = new DateOnly(2026, 11, 26), Job = Names.EvaluateJob("nightly-2"),
    };
}
