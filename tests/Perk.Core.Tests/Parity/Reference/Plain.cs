namespace Perk.Core.Tests.Parity.Reference;

/// <summary>
/// The arithmetic of a decoder as plain loops in float64: a reference that shares no operation with the product.
/// </summary>
internal static class Plain
{
    /// <summary>x·W + b, W (in, out).</summary>
    public static double[,] Multiply(double[,] x, double[,] w, double[,]? bias = null)
    {
        var y = new double[x.GetLength(0), w.GetLength(1)];
        for (var t = 0; t < y.GetLength(0); t++)
        {
            for (var o = 0; o < y.GetLength(1); o++)
            {
                var sum = bias?[0, o] ?? 0;
                for (var i = 0; i < w.GetLength(0); i++) sum += x[t, i] * w[i, o];
                y[t, o] = sum;
            }
        }

        return y;
    }

    public static double[,] Transpose(double[,] w)
    {
        var result = new double[w.GetLength(1), w.GetLength(0)];
        for (var i = 0; i < w.GetLength(0); i++)
            for (var j = 0; j < w.GetLength(1); j++)
                result[j, i] = w[i, j];
        return result;
    }

    public static double[,] Add(double[,] a, double[,] b, double scale = 1) => Map(a, (t, i, value) => value + scale * b[t, i]);

    public static double[,] Map(double[,] x, Func<int, int, double, double> of)
    {
        var y = new double[x.GetLength(0), x.GetLength(1)];
        for (var t = 0; t < y.GetLength(0); t++)
            for (var i = 0; i < y.GetLength(1); i++)
                y[t, i] = of(t, i, x[t, i]);
        return y;
    }

    /// <summary>Causal attention of each query head over the key/value head that its group shares, (T, H·size).</summary>
    public static double[,] Attend(double[,] q, double[,] k, double[,] v, int heads, int keyValueHeads, int size)
    {
        var y = new double[q.GetLength(0), heads * size];
        for (var head = 0; head < heads; head++)
        {
            var (from, shared) = (head * size, head / (heads / keyValueHeads) * size);
            for (var t = 0; t < q.GetLength(0); t++)
            {
                var weights = new double[t + 1];
                for (var s = 0; s <= t; s++)
                {
                    for (var i = 0; i < size; i++) weights[s] += q[t, from + i] * k[s, shared + i];
                    weights[s] = Math.Exp(weights[s] / Math.Sqrt(size));
                }

                for (var s = 0; s <= t; s++)
                    for (var i = 0; i < size; i++)
                        y[t, from + i] += weights[s] / weights.Sum() * v[s, shared + i];
            }
        }

        return y;
    }
}
