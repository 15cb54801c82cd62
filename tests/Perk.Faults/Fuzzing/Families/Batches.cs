using Perk.Core;
using Perk.Core.Documents;
using Perk.Core.Storage;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Batches, as they are looked up.</summary>
/// <param name="folder">A folder of its own.</param>
internal sealed class Batches(string folder) : RecordFamily
{
    private readonly DirectoryStore _store = new(folder);

    /// <inheritdoc/>
    public override string Name => "batch";

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; } =
    [
        Record("two", Valid(Document("a.txt"), new BatchDocument("b.png", null, null, "It is a picture; submit text."))),
        Record("one", Valid(Document("c.txt"))),
        Record("none", Valid()),
    ];

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        var name = Names.Batch(Collection, "spring");
        new Sample(Name, name.Path, input.Bytes).WriteTo(Path.Combine(folder, name.Container));
        if (Batch.FindAsync(_store, Collection, "spring", CancellationToken.None).GetAwaiter().GetResult() is not { } batch) return false;
        UnusableException.Require(batch is { Name: not null, Collection: not null } && batch.Documents.All(d => d is { Name: not null }), "a name of it is null");
        var status = UnusableException.Unless("its status", () => batch.StatusAsync(_store, CancellationToken.None).GetAwaiter().GetResult());
        UnusableException.Require(status.Counts.Values.Sum() == batch.Documents.Count, "its documents are not all counted");
        RequireWritable(batch);
        return true;
    }

    private static Batch Valid(params BatchDocument[] documents) => new(1, "spring", Collection, Moment, documents);

    private static BatchDocument Document(string name) => new(name, Ids.Sha256(name), Names.EncodeJob(Ids.Sha256(name)[..32]), null);
}
