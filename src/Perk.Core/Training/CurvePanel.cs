using System.Globalization;
using SkiaSharp;

namespace Perk.Core.Training;

/// <summary>A frame on a drawing with two axes and the lines in it.</summary>
internal sealed class CurvePanel : IDisposable
{
    private const float TextSize = 14, LegendGap = 14, LegendLine = 20;

    /// <summary>In this order of preference: a system may have any, and its default may be one of formulas.</summary>
    private static readonly string[] Families = ["DejaVu Sans", "Liberation Sans", "Noto Sans", "Arial", "Helvetica"];

    private readonly SKCanvas _canvas;
    private readonly SKRect _frame;
    private readonly CurveAxis _x, _y;
    private readonly SKPaint _paint = new()
    {
        IsAntialias = true,
        TextSize = TextSize,
        Typeface = Families.Select(SKTypeface.FromFamilyName).FirstOrDefault(face => Families.Contains(face?.FamilyName)),
    };

    private int _named;

    /// <summary>Draws the frame, the grid, the numbers and the title.</summary>
    public CurvePanel(SKCanvas canvas, SKRect frame, string title, CurveAxis x, CurveAxis y, Func<double, string>? format = null)
    {
        (_canvas, _frame, _x, _y) = (canvas, frame, x, y);
        _paint.StrokeWidth = 1;
        foreach (var tick in y.Ticks(5))
        {
            Rule(new SKPoint(frame.Left, Down(tick)), new SKPoint(frame.Right, Down(tick)));
            var text = (format ?? Number)(tick);
            Text(text, frame.Left - 8 - _paint.MeasureText(text), Down(tick) + 5);
        }

        foreach (var tick in x.Ticks(8))
        {
            Rule(new SKPoint(Across(tick), frame.Top), new SKPoint(Across(tick), frame.Bottom));
            Text(Number(tick), Across(tick) - _paint.MeasureText(Number(tick)) / 2, frame.Bottom + 20);
        }

        Text(title, frame.Left, frame.Top - 8);
    }

    /// <summary>Draws a line through points, and its name to the right of the frame.</summary>
    /// <param name="points">Numbers on both axes.</param>
    /// <param name="name">The name.</param>
    /// <param name="colour">The colour.</param>
    /// <param name="width">How thick it is.</param>
    /// <param name="dots">Whether each point is marked.</param>
    public void Line(IEnumerable<(double X, double Y)> points, string name, SKColor colour, float width, bool dots = false)
    {
        SKPoint[] places = [.. points.Select(p => new SKPoint(Across(p.X), Down(p.Y)))];
        (_paint.Color, _paint.StrokeWidth) = (colour, width);
        _canvas.DrawPoints(SKPointMode.Polygon, places, _paint);
        if (dots || places.Length == 1)
            foreach (var place in places) _canvas.DrawCircle(place, width + 2, _paint);
        var row = _frame.Top + LegendLine * (0.5f + _named++);
        _canvas.DrawRect(new SKRect(_frame.Right + LegendGap, row - 5, _frame.Right + LegendGap + 12, row + 5), _paint);
        Text(name, _frame.Right + LegendGap + 20, row + 5);
    }

    /// <inheritdoc/>
    public void Dispose() => _paint.Dispose();

    private float Across(double x) => (float)(_frame.Left + _x.Place(x) * _frame.Width);

    private float Down(double y) => (float)(_frame.Bottom - _y.Place(y) * _frame.Height);

    private void Rule(SKPoint from, SKPoint to)
    {
        _paint.Color = SKColors.LightGray;
        _canvas.DrawLine(from, to, _paint);
    }

    private void Text(string text, float x, float y)
    {
        _paint.Color = SKColors.Black;
        _canvas.DrawText(text, x, y, _paint);
    }

    private static string Number(double value) => value.ToString("G7", CultureInfo.InvariantCulture);
}
