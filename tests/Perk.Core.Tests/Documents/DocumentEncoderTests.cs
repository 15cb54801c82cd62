using Perk.Core.Documents;
using Perk.Core.MetaLearning;

namespace Perk.Core.Tests.Documents;

public sealed class DocumentEncoderTests
{
    private static readonly DocumentEncoder Encoder = new(Pipeline.Checkpoint, Pipeline.Options);

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public void Encode_AText_HasALossPerStepAndEveryToken()
    {
        using var encoded = Encoder.Encode(Pipeline.Text, cancel: Now);
        Assert.Equal(Pipeline.Text, string.Concat(encoded.Segments.Select(s => s.Text)));
        Assert.InRange(encoded.Segments.Count, 3, 20);
        Assert.Equal(2, encoded.Losses.Count);
        Assert.True(encoded.Losses[1] < encoded.Losses[0], string.Join(", ", encoded.Losses));
        Assert.Equal(Encoder.TokenSegments(encoded.Segments).Sum(s => s.Ids.Count - s.Prefix), encoded.Tokens);

        // One token of end for each segment's text; without its dummy space a text takes about as many tokens as alone.
        Assert.InRange(encoded.Tokens, encoded.Segments.Sum(s => s.TokenCount), encoded.Segments.Sum(s => s.TokenCount + 2));
    }

    [Fact]
    public void Encode_FirstLoss_IsTheBaseModelsMeanOverAllTokens()
    {
        using var encoded = Encoder.Encode(Pipeline.Text, cancel: Now);
        var segments = Encoder.TokenSegments(encoded.Segments);
        var each = SegmentLoss.Measure(Pipeline.Checkpoint.Model, null, segments, cancel: Now);
        Assert.Equal(each.Zip(segments, (loss, s) => loss * s.LossTokens).Sum() / encoded.Tokens, encoded.Losses[0], 1e-4);
    }

    [Fact]
    public void Encode_Progress_GrowsToTheTotalBeforeItReturns()
    {
        var reports = new List<EncodeProgress>();
        using var encoded = Encoder.Encode(Pipeline.Text, new OnReport(reports.Add), Now);
        var batches = (encoded.Segments.Count + 1) / 2;
        Assert.Equal(2 * batches, reports.Count);
        Assert.Equal(reports.Select(p => p.TokensDone).Distinct().Order(), reports.Select(p => p.TokensDone));
        Assert.All(reports, p => Assert.Equal((2 * encoded.Tokens, 2), (p.TokensTotal, p.Steps)));
        Assert.Equal([.. Enumerable.Repeat(1, batches), .. Enumerable.Repeat(2, batches)], reports.Select(p => p.Step));
        Assert.Equal(reports[^1].TokensTotal, reports[^1].TokensDone);
        Assert.Equal(encoded.Tokens, reports[batches - 1].TokensDone);
        Assert.Equal(encoded.Losses, [reports[batches - 1].Loss, reports[^1].Loss]);
        Assert.Equal(reports[^1].TokensDone / reports[^1].Elapsed.TotalSeconds, reports[^1].TokensPerSecond, 1e-6);
    }

    [Fact]
    public void Encode_TwiceAndAnotherText_TheSameBitsOnlyForTheSame()
    {
        using var first = Encoder.Encode(Pipeline.Text, cancel: Now);
        using var second = new DocumentEncoder(Pipeline.Checkpoint, Pipeline.Options).Encode(Pipeline.Text, cancel: Now);
        using var other = Encoder.Encode(Pipeline.OtherText, cancel: Now);
        Assert.True(Stories.Same(first.Adapter, second.Adapter));
        Assert.Equal(first.Losses, second.Losses);
        Assert.False(Stories.Same(first.Adapter, other.Adapter));
    }

    [Fact]
    public void Encode_AnyText_LossFallsThereMoreThanElsewhere()
    {
        using var encoded = Encoder.Encode(Pipeline.Text, cancel: Now);
        var (own, other) = (Fall(Pipeline.Text), Fall(Pipeline.OtherText));
        Assert.True(own > 0.1, $"The loss fell by {own}.");
        Assert.True(own > other, $"The loss fell by {own} on the text and by {other} on another.");

        double Fall(string text)
        {
            var segments = Encoder.TokenSegments(Encoder.Segments(text));
            return SegmentLoss.Measure(Pipeline.Checkpoint.Model, null, segments, cancel: Now).Average()
                - SegmentLoss.Measure(Pipeline.Checkpoint.Model, encoded.Adapter, segments, cancel: Now).Average();
        }
    }

    [Fact]
    public void Encode_CancelledMidway_StopsAtTheNextMicroBatch()
    {
        using var stop = new CancellationTokenSource();
        var reports = 0;
        var progress = new OnReport(_ =>
        {
            if (++reports == 2) stop.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Encoder.Encode(Pipeline.Text, progress, stop.Token));
        Assert.Equal(2, reports);
    }

    [Fact]
    public void Create_SegmentsLargerThanTheWindow_SaysWhatFits()
    {
        EncodingOptions Of(int tokens) => Pipeline.Options with { Segmenter = new SegmenterOptions { MaxTokens = tokens } };
        var e = Assert.Throws<ArgumentException>(() => new DocumentEncoder(Pipeline.Checkpoint, Of(481)));
        Assert.Contains("window of 512; use at most 480", e.Message);
        Assert.NotNull(new DocumentEncoder(Pipeline.Checkpoint, Of(480)));
    }

    [Fact]
    public void Create_InnerOptionOutOfRange_IsNamed() => Assert.Contains(
        "Steps",
        Assert.Throws<ArgumentException>(() =>
            new DocumentEncoder(Pipeline.Checkpoint, new EncodingOptions { Inner = new() { Steps = 0 } })).Message);

    [Fact]
    public void Encode_TheLargestSegments_FitTheWindow()
    {
        // Text without a word's end and a prefix of several digits: nothing leaves room.
        var options = new EncodingOptions { Segmenter = new SegmenterOptions { MaxTokens = 480 }, Inner = new() { Steps = 1 } };
        var encoder = new DocumentEncoder(Pipeline.Checkpoint, options);
        var segment = encoder.Segments(string.Concat(Enumerable.Repeat("漢字", 200)))[0];
        Assert.InRange(segment.TokenCount, 470, 480);
        var last = Assert.Single(encoder.TokenSegments([segment with { Index = 9_999_999 }]));
        Assert.InRange(last.Ids.Count, 481, Pipeline.Checkpoint.Model.MaxPositions);
    }
}
