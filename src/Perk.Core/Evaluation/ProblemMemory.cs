using Perk.Core.Documents;
using Perk.Core.Tasks;

namespace Perk.Core.Evaluation;

/// <summary>What is known of one problem's context: its segments and, as far as methods need them, its adapter and its index.</summary>
internal sealed class ProblemMemory : IDisposable
{
    private readonly Lazy<Bm25Index> _index;

    internal ProblemMemory(Problem problem, IReadOnlyList<Segment> segments, EncodedDocument? encoded)
    {
        (Problem, Segments, Encoded) = (problem, segments, encoded);
        _index = new Lazy<Bm25Index>(() => new Bm25Index(segments));
    }

    public Problem Problem { get; }

    public IReadOnlyList<Segment> Segments { get; }

    /// <summary>The adapter; null where no method needs one.</summary>
    public EncodedDocument? Encoded { get; }

    public Bm25Index Index => _index.Value;

    public void Dispose()
    {
        Encoded?.Dispose();
        if (_index.IsValueCreated) _index.Value.Dispose();
    }
}
