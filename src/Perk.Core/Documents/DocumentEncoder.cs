using System.Diagnostics;
using Perk.Core.Lora;
using Perk.Core.MetaLearning;

namespace Perk.Core.Documents;

/// <summary>Writes a text into an adapter: segments, then the inner loop.</summary>
public sealed class DocumentEncoder
{
    /// <summary>The prefix "doc_{i}:" and the special tokens need room too.</summary>
    public const int PrefixTokens = 32;

    private readonly Checkpoint _checkpoint;
    private readonly EncodingOptions _options;

    /// <summary>Checks that the options suit the model, so that a host fails when it starts and not with each document.</summary>
    /// <param name="checkpoint">Base model, tokenizer and meta-parameters.</param>
    /// <param name="options">How to cut and write.</param>
    /// <exception cref="ArgumentException">The segments do not fit the model's window, or an option is out of range.</exception>
    public DocumentEncoder(Checkpoint checkpoint, EncodingOptions options)
    {
        options.Inner.Validated();
        if (checkpoint.ComputeType != options.ComputeType)
            throw new ArgumentException($"The checkpoint was loaded to compute in {checkpoint.ComputeType}, the options ask for {options.ComputeType}.");
        var (asked, window) = (options.Segmenter.MaxTokens, checkpoint.Model.MaxPositions);
        if (asked + PrefixTokens > window)
        {
            throw new ArgumentException($"Segments of {asked} tokens do not fit {checkpoint.ModelName}'s window of {window}; "
                + $"use at most {window - PrefixTokens}.");
        }

        (_checkpoint, _options) = (checkpoint, options);
    }

    /// <summary>Encodes on the calling thread.</summary>
    /// <param name="text">The document's text.</param>
    /// <param name="progress">Told after each micro-batch.</param>
    /// <param name="cancel">Checked before each micro-batch.</param>
    /// <returns>The adapter with what it was made from; the caller disposes it.</returns>
    /// <exception cref="InnerLoopDivergedException">The step size is too large for this text.</exception>
    /// <exception cref="OperationCanceledException"/>
    public EncodedDocument Encode(string text, IProgress<EncodeProgress>? progress = null, CancellationToken cancel = default)
    {
        var clock = Stopwatch.StartNew();
        var segments = Segments(text);
        var ids = TokenSegments(segments);
        var total = ids.Sum(s => (long)s.LossTokens) * _options.Inner.Steps;
        long done = 0;
        var inner = progress is null ? null : new Forward(p =>
        {
            done += p.Tokens;
            progress.Report(new EncodeProgress(p.Step, p.Steps, done, total, p.Loss, clock.Elapsed));
        });
        var used = 0;
        var result = MicroBatches.Halving(_options.Inner.SegmentsPerMicroBatch, n =>
        {
            (done, used) = (0, n);
            return InnerLoop.Run(_checkpoint.Model, _checkpoint.Meta, ids, _options.Inner with { SegmentsPerMicroBatch = n }, inner, cancel);
        });
        return new EncodedDocument(result.Adapter, segments, result.Losses, result.Tokens, clock.Elapsed) { SegmentsPerMicroBatch = used };
    }

    /// <summary>The segments of a text.</summary>
    public IReadOnlyList<Segment> Segments(string text) => new Segmenter(_checkpoint.Tokenizer, _options.Segmenter).Cut(text);

    /// <summary>The segments as the inner loop reads them, echoes included.</summary>
    public IReadOnlyList<TokenSegment> TokenSegments(IEnumerable<Segment> segments) =>
        [.. PromptFormat.Segments(_checkpoint.Tokenizer, segments, _options.Inner.Echo)];

    /// <summary>Reports on the calling thread, so that no report comes after the end (<see cref="Progress{T}"/> posts them).</summary>
    private sealed class Forward(Action<InnerLoopProgress> report) : IProgress<InnerLoopProgress>
    {
        public void Report(InnerLoopProgress value) => report(value);
    }
}

/// <summary>A document as an adapter.</summary>
/// <param name="Adapter">The adapter, owned by whoever holds this.</param>
/// <param name="Segments">What it was cut into.</param>
/// <param name="Losses">The loss per token in nats before each inner step.</param>
/// <param name="Tokens">Tokens with loss.</param>
/// <param name="Elapsed">The time it took.</param>
public sealed record EncodedDocument(
    Adapter Adapter, IReadOnlyList<Segment> Segments, IReadOnlyList<double> Losses, long Tokens, TimeSpan Elapsed) : IDisposable
{
    /// <summary>Segments that were computed at once: as the options say, or fewer where memory ran out.</summary>
    public int SegmentsPerMicroBatch { get; init; }

    /// <inheritdoc/>
    public void Dispose() => Adapter.Dispose();
}

/// <summary>How far an encoding is.</summary>
/// <param name="Step">The running inner step, from 1.</param>
/// <param name="Steps">How many there are.</param>
/// <param name="TokensDone">Tokens read so far, counted once per step.</param>
/// <param name="TokensTotal">Tokens to read, counted once per step.</param>
/// <param name="Loss">The loss per token in nats of this step so far.</param>
/// <param name="Elapsed">The time so far.</param>
public sealed record EncodeProgress(int Step, int Steps, long TokensDone, long TokensTotal, double Loss, TimeSpan Elapsed)
{
    /// <summary>Tokens per second, counted once per step.</summary>
    public double TokensPerSecond => TokensDone / Math.Max(1e-9, Elapsed.TotalSeconds);
}
