using System.Globalization;
using SkiaSharp;

namespace Perk.Core.Training;

/// <summary>
/// The picture of a training: the loss of each step and its running mean, below it the validations of each task.
/// </summary>
internal static class TrainingCurves
{
    private const int Width = 1100, Left = 76, Legend = 210, Top = 36, LossHeight = 360, SharesHeight = 240, Gap = 68;
    private const int MeanShare = 50; // The running mean is over a fiftieth of the steps,
    private const int LeastMean = 10, GreatestMean = 500; // within these bounds.

    /// <summary>Told apart by people who see few colours: Okabe and Ito, "Color universal design", 2008.</summary>
    private static readonly SKColor[] Colours =
        [new(0xFF0072B2), new(0xFFD55E00), new(0xFF009E73), new(0xFFCC79A7), new(0xFFE69F00), new(0xFF56B4E9), new(0xFF000000)];

    /// <summary>Draws the curves of some steps.</summary>
    /// <param name="points">The steps, in their order.</param>
    /// <returns>A PNG; with a second panel where there was a validation.</returns>
    public static byte[] Png(IReadOnlyList<StepPoint> points)
    {
        var validated = points.Where(p => p.Validation is not null).ToList();
        var height = Top + LossHeight + Gap + (validated.Count > 0 ? SharesHeight + Gap : 0);
        using var bitmap = new SKBitmap(Width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        var steps = new CurveAxis(0, Math.Max(1, points.Count == 0 ? 1 : points[^1].Step));
        DrawLoss(canvas, points, steps);
        if (validated.Count > 0) DrawShares(canvas, validated, steps);
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    /// <summary>The mean of each value and those before it, as many as the window holds.</summary>
    internal static IEnumerable<double> RunningMean(IEnumerable<double> values, int window)
    {
        var held = new Queue<double>();
        foreach (var value in values)
        {
            held.Enqueue(value);
            if (held.Count > window) held.Dequeue();
            yield return held.Average();
        }
    }

    private static void DrawLoss(SKCanvas canvas, IReadOnlyList<StepPoint> points, CurveAxis steps)
    {
        var losses = points.Where(p => p.Loss is not null).Select(p => (X: (double)p.Step, Y: p.Loss!.Value)).ToList();
        var window = Math.Clamp(points.Count / MeanShare, LeastMean, GreatestMean);
        var frame = new SKRect(Left, Top, Width - Legend, Top + LossHeight);
        using var panel = new CurvePanel(canvas, frame, "loss by step", steps, CurveAxis.Around([.. losses.Select(l => l.Y)]));
        panel.Line(losses, "each step", new SKColor(0xFFA9C4DC), 1);
        panel.Line(losses.Select(l => l.X).Zip(RunningMean(losses.Select(l => l.Y), window)), $"mean of {window}", Colours[0], 2);
    }

    private static void DrawShares(SKCanvas canvas, List<StepPoint> validated, CurveAxis steps)
    {
        const int top = Top + LossHeight + Gap;
        var frame = new SKRect(Left, top, Width - Legend, top + SharesHeight);
        const string title = "right answers on held-out problems by step";
        using var panel = new CurvePanel(canvas, frame, title, steps, new CurveAxis(0, 1), Percent);
        var tasks = validated.SelectMany(p => p.Validation!.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        foreach (var (index, task) in tasks.Index())
        {
            var line = validated.Where(p => p.Validation!.ContainsKey(task)).Select(p => ((double)p.Step, p.Validation![task]));
            panel.Line(line, task, Colours[index % Colours.Length], 2, dots: true);
        }
    }

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %");
}
