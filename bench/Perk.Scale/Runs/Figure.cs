using System.Globalization;
using MathNet.Numerics.Statistics;

namespace Perk.Scale.Runs;

/// <summary>A quantity over several seeds.</summary>
/// <param name="Mean">Its mean.</param>
/// <param name="Deviation">Its standard deviation; 0 for a single one.</param>
internal sealed record Figure(double Mean, double Deviation)
{
    /// <summary>Of some values.</summary>
    public static Figure Of(IEnumerable<double> values)
    {
        var (mean, deviation) = values.MeanStandardDeviation();
        return new Figure(mean, double.IsNaN(deviation) ? 0 : deviation);
    }

    /// <summary>For a table: one decimal below a hundred, whole numbers above.</summary>
    /// <param name="unit">What it is shown in, in the unit of the quantity.</param>
    public string Show(double unit = 1)
    {
        var format = Mean / unit >= 100 ? "#,0" : "0.0";
        return $"{Text(Mean)} ± {Text(Deviation)}";

        string Text(double value) => (value / unit).ToString(format, CultureInfo.InvariantCulture);
    }
}
