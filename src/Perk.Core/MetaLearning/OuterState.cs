using System.Globalization;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.MetaLearning;

/// <summary>All that the outer loop carries from step to step: from a copy of it training goes on as if it had not stopped.</summary>
/// <param name="Step">Steps done, skipped ones included.</param>
/// <param name="Parameters">What is learned, leaves that require a gradient.</param>
/// <param name="Optimizer">Adam's moments and its own count of steps.</param>
/// <param name="RunningNorm">The running mean of the gradient's norm.</param>
/// <param name="Skipped">Outlier steps skipped so far.</param>
/// <param name="NonFinite">Steps skipped for a loss or gradient that was not finite.</param>
/// <param name="NonFiniteInARow">The last of them in a row.</param>
public sealed record OuterState(
    int Step, IReadOnlyList<Tensor> Parameters, OptimizerState Optimizer, double RunningNorm, int Skipped, int NonFinite, int NonFiniteInARow) : IDisposable
{
    /// <summary>The state before the first step.</summary>
    /// <param name="parameters">What is learned; copied.</param>
    /// <param name="options">Adam's options.</param>
    public static OuterState Start(IReadOnlyList<Tensor> parameters, OuterOptions options)
    {
        Tensor[] leaves = [.. parameters.Select(Leaf)];
        return new OuterState(0, leaves, Adam(options).Init(leaves), 0, 0, 0, 0);
    }

    internal static InnerOptimizer Adam(OuterOptions options) => new AdamW(options.Beta1, options.Beta2, 1e-8, 0);

    /// <summary>A copy as a leaf of its own that requires a gradient.</summary>
    internal static Tensor Leaf(Tensor tensor)
    {
        using var noGradient = no_grad();
        return tensor.detach().clone().DetachFromDisposeScope().requires_grad_();
    }

    /// <summary>Writes tensors and numbers to one file, whole or not at all.</summary>
    public void Save(string path) => SafeTensors.Write(
        path,
        [
            .. Parameters.Select((t, i) => ($"parameter.{i}", t.detach())),
            .. Optimizer.First.Select((t, i) => ($"first.{i}", t.detach())),
            .. Optimizer.Second.Select((t, i) => ($"second.{i}", t.detach())),
        ],
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["step"] = Text(Step),
            ["optimizerStep"] = Text(Optimizer.Step),
            ["runningNorm"] = Text(BitConverter.DoubleToInt64Bits(RunningNorm)),
            ["skipped"] = Text(Skipped),
            ["nonFinite"] = Text(NonFinite),
            ["nonFiniteInARow"] = Text(NonFiniteInARow),
        });

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="like">Tensors of the shapes and the device of what is learned.</param>
    /// <exception cref="ModelFileException">It is damaged, or of other parameters.</exception>
    public static OuterState Load(string path, IReadOnlyList<Tensor> like)
    {
        using var noGradient = no_grad();
        using var file = SafeTensorsFile.Open(path);
        Tensor[] Read(string name) => [.. like.Select((t, i) => file.Load($"{name}.{i}", t.shape).to(t.device).DetachFromDisposeScope())];
        long Number(string name) => file.Metadata.TryGetValue(name, out var text) && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number
            : throw new ModelFileException(path, $"says nothing of {name}; it is no training state.");
        var parameters = Read("parameter");
        foreach (var parameter in parameters) parameter.requires_grad_();
        return new OuterState(
            (int)Number("step"), parameters, new OptimizerState((int)Number("optimizerStep"), Read("first"), Read("second")),
            BitConverter.Int64BitsToDouble(Number("runningNorm")), (int)Number("skipped"), (int)Number("nonFinite"), (int)Number("nonFiniteInARow"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        foreach (var parameter in Parameters) parameter.Dispose();
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
