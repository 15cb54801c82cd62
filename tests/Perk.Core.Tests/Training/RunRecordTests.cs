using Perk.Core.Training;
using SkiaSharp;

namespace Perk.Core.Tests.Training;

/// <summary>Curves and summary of a run folder: what they show, and that no training ends for want of them.</summary>
public sealed class RunRecordTests : IDisposable
{
    private static readonly StepPoint[] Steps =
    [
        new(1, 4) { Tokens = 100, Seconds = 2, PeakMemoryBytes = 900 },
        new(2, 2) { Tokens = 300, Seconds = 2, PeakMemoryBytes = 1000, ExactMatch = 0.5, Validation = Shares(1, 0) },
        new(3, null) { Tokens = 100, Seconds = 2, PeakMemoryBytes = 700, Finite = false, Skipped = true },
        new(4, 9) { Tokens = 100, Seconds = 1, PeakMemoryBytes = 700, Skipped = true, ExactMatch = 0.5, Validation = Shares(1, 0) },
        new(5, 1) { Tokens = 200, Seconds = 1, PeakMemoryBytes = 700, ExactMatch = 0.25, Validation = Shares(0.25, 0.25) },
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_SomeSteps_SummaryHasTheirFigures()
    {
        new RunRecord(_folder.Path).Write(Steps, _warnings.Add);
        Assert.Empty(_warnings);
        Assert.Equal(
            """
            {
              "steps": 5,
              "seconds": 8,
              "tokens": 800,
              "tokensPerSecond": 100,
              "peakMemoryBytes": 1000,
              "bestExactMatch": 0.5,
              "bestStep": 2,
              "skipped": 1,
              "nonFinite": 1
            }
            """,
            File.ReadAllText(PathOf("summary.json")));
    }

    [Fact]
    public void Write_NoStepOrNoneSinceTheLast_WritesNothing()
    {
        var drawn = 0;
        var record = new RunRecord(_folder.Path, _ => [(byte)++drawn]);
        record.Write([], _warnings.Add);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        record.Write(Steps[..2], _warnings.Add);
        record.Write(Steps[..2], _warnings.Add);
        Assert.Equal(1, drawn);
        record.Write(Steps, _warnings.Add);
        Assert.Equal([2], File.ReadAllBytes(PathOf("curves.png")));
        Assert.Equal(["curves.png", "summary.json"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Write_LibraryThatIsMissing_SaysItOnceAndStillWritesTheSummary()
    {
        var missing = new TypeInitializationException("SkiaSharp.SKImageInfo", new DllNotFoundException("no libSkiaSharp"));
        var record = new RunRecord(_folder.Path, _ => throw missing);
        record.Write(Steps[..1], _warnings.Add);
        record.Write(Steps, _warnings.Add);
        Assert.Equal(["curves.png cannot be written, the training goes on without it: no libSkiaSharp"], _warnings);
        Assert.False(File.Exists(PathOf("curves.png")));
        Assert.Contains("\"steps\": 5", File.ReadAllText(PathOf("summary.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void Png_LossesAlone_HasOnePanelWithALineThatFallsFromLeftToRight()
    {
        using var picture = Picture([.. Enumerable.Range(1, 200).Select(i => new StepPoint(i, 5 * Math.Pow(0.99, i)))]);
        Assert.Equal((1100, 464), (picture.Width, picture.Height));
        Assert.True(Row(picture, Blue, 0.1) + 100 < Row(picture, Blue, 0.7), "The mean of the loss is not drawn falling.");
        Assert.False(Has(picture, Orange));
    }

    [Fact]
    public void Png_Validations_HasALineForEachTaskOnASecondPanel()
    {
        using var loss = Picture(Steps[..1]);
        using var both = Picture(Steps);
        Assert.True(both.Height > loss.Height + 200);
        Assert.True(Has(both, Blue) && Has(both, Orange));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(3.0, null)]
    [InlineData(0.0, 0.0)]
    [InlineData(-1.0, 2.0)]
    [InlineData(1e-30, 1e30)]
    public void Png_FewOrOddLosses_IsDrawnAllTheSame(double? first, double? second)
    {
        using var picture = Picture([new StepPoint(1, first), new StepPoint(2, second)]);
        Assert.Equal(first is not null, Has(picture, Blue, right: 880));
    }

    [Fact]
    public void RunningMean_AWindow_IsOverItAndWhatIsThereBefore() =>
        Assert.Equal([1, 2, 4, 6], TrainingCurves.RunningMean([1, 3, 5, 7], 2));

    [Theory]
    [InlineData(0, 1, false, new[] { 0, 0.2, 0.4, 0.6, 0.8, 1 })]
    [InlineData(0, 30000, false, new double[] { 0, 10000, 20000, 30000 })]
    [InlineData(0.04, 3, true, new[] { 0.05, 0.1, 0.2, 0.5, 1, 2 })]
    [InlineData(2.1, 2.6, true, new[] { 2.1, 2.2, 2.3, 2.4, 2.5, 2.6 })]
    [InlineData(1e-5, 2, true, new[] { 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1 })]
    public void Ticks_AnAxis_AreRoundNumbersOnIt(double least, double greatest, bool logarithmic, double[] ticks)
    {
        var axis = new CurveAxis(least, greatest, logarithmic);
        Assert.Equal(ticks, axis.Ticks(5).Select(t => Math.Round(t, 9)));
        Assert.Equal((0, 1), (Math.Round(axis.Place(least), 9), Math.Round(axis.Place(greatest), 9)));
    }

    private static SKColor Blue => new(0xFF0072B2);

    private static SKColor Orange => new(0xFFD55E00);

    private static Dictionary<string, double> Shares(double one, double other) =>
        new() { ["qa1@1024"] = one, ["qa2@1024"] = other };

    private static SKBitmap Picture(StepPoint[] steps)
    {
        var picture = SKBitmap.Decode(TrainingCurves.Png(steps));
        Assert.NotNull(picture);
        return picture;
    }

    private static bool Has(SKBitmap picture, SKColor colour, int right = int.MaxValue) =>
        picture.Pixels.Where((pixel, i) => i % picture.Width < right && pixel == colour).Any();

    /// <summary>The first row of a colour in the column at this share of the width.</summary>
    private static int Row(SKBitmap picture, SKColor colour, double share) =>
        Enumerable.Range(0, picture.Height).First(y => picture.GetPixel((int)(share * picture.Width), y) == colour);

    private string PathOf(string name) => Path.Combine(_folder.Path, name);
}
