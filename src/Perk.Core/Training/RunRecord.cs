using System.Text.Json;

namespace Perk.Core.Training;

/// <summary>
/// What a run folder shows to people: <c>summary.json</c> and <c>curves.png</c>. No training ends for want of them.
/// </summary>
/// <param name="folder">The run folder.</param>
/// <param name="draw">Draws the picture; by default <see cref="TrainingCurves.Png"/>.</param>
internal sealed class RunRecord(string folder, Func<IReadOnlyList<StepPoint>, byte[]>? draw = null)
{
    /// <summary>The figures.</summary>
    public const string SummaryFile = "summary.json";

    /// <summary>The picture.</summary>
    public const string CurvesFile = "curves.png";

    private readonly Func<IReadOnlyList<StepPoint>, byte[]> _draw = draw ?? TrainingCurves.Png;
    private int _written;
    private bool _warned;

    /// <summary>Writes both, unless they show the last step already.</summary>
    /// <param name="steps">All steps so far, in their order.</param>
    /// <param name="warn">Told the first time that something cannot be written, whatever the reason.</param>
    public void Write(IEnumerable<StepPoint> steps, Action<string>? warn)
    {
        StepPoint[] points = [.. steps];
        if (points.Length == 0 || points[^1].Step == _written) return;
        _written = points[^1].Step;
        Try(SummaryFile, () => JsonSerializer.SerializeToUtf8Bytes(TrainingSummary.Of(points), Json.Indented), warn);
        Try(CurvesFile, () => _draw(points), warn);
    }

    private void Try(string name, Func<byte[]> content, Action<string>? warn)
    {
        try
        {
            AtomicFile.Write(Path.Combine(folder, name), content());
        }
        catch (Exception fault)
        {
            var reason = fault.GetBaseException().Message;
            if (!_warned) warn?.Invoke($"{name} cannot be written, the training goes on without it: {reason}");
            _warned = true;
        }
    }
}
