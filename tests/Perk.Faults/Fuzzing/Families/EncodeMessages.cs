using Perk.Core.Storage;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Messages to encode a document.</summary>
internal sealed class EncodeMessages : MessageFamily
{
    /// <inheritdoc/>
    public override string Name => "encode-message";

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; } =
    [
        Message("plain", Valid().ToJson()),
        Message("traced", (Valid() with { Generation = 3, Traceparent = Trace }).ToJson()),
    ];

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        var message = EncodeMessage.Parse(input.Bytes);
        RequireSame(UnusableException.Unless("ToJson", message.ToJson), json => EncodeMessage.Parse(json).ToJson());
        return true;
    }

    private static EncodeMessage Valid() => new()
    {
        Collection = Collection, Document = Id("document"), Checkpoint = Id("checkpoint"), Job = Names.EncodeJob(Id("adapter")[..32]),
    };
}
