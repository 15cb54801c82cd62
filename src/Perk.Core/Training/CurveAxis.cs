namespace Perk.Core.Training;

/// <summary>An axis of a drawing: where a number lies on it, and which numbers are written beside it.</summary>
/// <param name="Least">The number at its beginning.</param>
/// <param name="Greatest">The number at its end.</param>
/// <param name="Logarithmic">Whether equal ratios are equally far apart.</param>
internal readonly record struct CurveAxis(double Least, double Greatest, bool Logarithmic = false)
{
    private const double Margin = 0.04;

    /// <summary>An axis that holds all these numbers, logarithmic where they are all positive.</summary>
    public static CurveAxis Around(IReadOnlyCollection<double> values)
    {
        if (values.Count == 0) return new CurveAxis(0, 1);
        var (least, greatest) = (values.Min(), values.Max());
        if (least <= 0)
        {
            var room = Math.Max(Margin * (greatest - least), 1e-6);
            return new CurveAxis(least - room, greatest + room);
        }

        var ratio = Math.Max(Math.Pow(greatest / least, Margin), 1.01);
        return new CurveAxis(least / ratio, greatest * ratio, Logarithmic: true);
    }

    /// <summary>Where a number lies: 0 at the beginning, 1 at the end.</summary>
    public double Place(double value) => Logarithmic
        ? Math.Log(value / Least) / Math.Log(Greatest / Least)
        : (value - Least) / (Greatest - Least);

    /// <summary>Round numbers on the axis, about as many as asked for.</summary>
    public IReadOnlyList<double> Ticks(int about)
    {
        if (!Logarithmic) return Even(about);
        double[] powers = [.. Powers(1)], steps = [.. Powers(1, 2, 5)];
        if (powers.Length > 2 * about) return [.. powers.Where((_, i) => i % (powers.Length / about) == 0)];
        return powers.Length >= about ? powers : steps.Length >= 3 ? steps : Even(about);
    }

    private double[] Even(int about)
    {
        var rough = (Greatest - Least) / about;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        var first = Math.Ceiling(Least / step - 1e-9);
        var count = (int)(Math.Floor(Greatest / step + 1e-9) - first) + 1;
        return [.. Enumerable.Range(0, count).Select(i => (first + i) * step)];
    }

    private IEnumerable<double> Powers(params double[] digits)
    {
        var (least, greatest) = (Least, Greatest);
        var (from, to) = ((int)Math.Floor(Math.Log10(least)), (int)Math.Ceiling(Math.Log10(greatest)));
        return Enumerable.Range(from, to - from + 1).SelectMany(power => digits.Select(d => d * Math.Pow(10, power)))
            .Where(v => v >= least && v <= greatest);
    }
}
