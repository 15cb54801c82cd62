using static TorchSharp.torch;

namespace Perk.Core.Lora;

/// <summary>
/// The fast weights: one low-rank update per adapted projection, for P problems at once. An immutable value that is passed into
/// the forward pass; the base model is never changed.
/// </summary>
public sealed class Adapter : IDisposable
{
    private readonly Dictionary<string, int> _index;

    /// <summary>Takes ownership of the tensors.</summary>
    /// <param name="options">The options the modules were selected by.</param>
    /// <param name="modules">The adapted projections.</param>
    /// <param name="tensors">A and B of each module in turn: A (P, in, r), B (P, r, out).</param>
    /// <exception cref="ArgumentException">A tensor is missing or has another shape; the message names the module.</exception>
    public Adapter(LoraOptions options, IReadOnlyList<LinearModule> modules, IReadOnlyList<Tensor> tensors)
    {
        if (tensors.Count != 2 * modules.Count)
            throw new ArgumentException($"{modules.Count} modules need {2 * modules.Count} tensors, not {tensors.Count}.", nameof(tensors));

        Options = options;
        Modules = modules;
        Tensors = tensors;
        Problems = tensors[0].shape[0];
        _index = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < modules.Count; i++)
        {
            var module = modules[i];
            _index.Add(module.Path, i);
            Check(tensors[2 * i], [Problems, module.In, options.Rank], module.Path + " A");
            Check(tensors[2 * i + 1], [Problems, options.Rank, module.Out], module.Path + " B");
        }
    }

    /// <summary>The options the modules were selected by.</summary>
    public LoraOptions Options { get; }

    /// <summary>The adapted projections, in the model's order.</summary>
    public IReadOnlyList<LinearModule> Modules { get; }

    /// <summary>A (P, in, r) and B (P, r, out) of each module in turn.</summary>
    public IReadOnlyList<Tensor> Tensors { get; }

    /// <summary>P: how many problems this adapter holds fast weights for.</summary>
    public long Problems { get; }

    /// <summary>The number of weights of one problem.</summary>
    public long Parameters => Tensors.Sum(t => t.numel()) / Problems;

    /// <summary>Bytes of all tensors.</summary>
    public long Bytes => Tensors.Sum(t => t.numel() * t.element_size());

    /// <summary>The update of one projection, or null where it has none.</summary>
    public LoraPair? For(string modulePath) =>
        _index.TryGetValue(modulePath, out var i) ? new LoraPair(Tensors[2 * i], Tensors[2 * i + 1], Options.Scaling) : null;

    /// <summary>An adapter of the same modules with other tensors, which it takes ownership of.</summary>
    public Adapter With(IReadOnlyList<Tensor> tensors) => new(Options, Modules, tensors);

    /// <summary>Several adapters of the same modules as one of several problems, for one batched forward pass.</summary>
    /// <param name="adapters">Adapters of the same shape; they stay the caller's.</param>
    /// <returns>An adapter of as many problems as all have together; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">They differ in rank, scaling or modules.</exception>
    public static Adapter Stack(IReadOnlyList<Adapter> adapters)
    {
        var first = adapters[0];
        if (adapters.Any(a => a.Options.Rank != first.Options.Rank || a.Options.Scaling != first.Options.Scaling || !a.Modules.SequenceEqual(first.Modules)))
            throw new ArgumentException("Only adapters of the same rank, scaling and modules can be stacked.", nameof(adapters));
        using var noGradient = no_grad();
        return first.With([.. Enumerable.Range(0, first.Tensors.Count).Select(i => cat([.. adapters.Select(a => a.Tensors[i])], 0).DetachFromDisposeScope())]);
    }

    /// <summary>A copy that shares no memory and belongs to no dispose scope; the caller disposes it.</summary>
    public Adapter Copy()
    {
        using var noGradient = no_grad();
        return With([.. Tensors.Select(t => t.detach().clone().DetachFromDisposeScope())]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors) tensor.Dispose();
    }

    private static void Check(Tensor tensor, long[] expected, string name)
    {
        if (!tensor.shape.SequenceEqual(expected))
            throw new ArgumentException($"{name} has shape ({string.Join(", ", tensor.shape)}), expected ({string.Join(", ", expected)}).");
    }
}

/// <summary>The update of one projection: y = W·x + scaling · B·A·x.</summary>
/// <param name="A">(P, in, r).</param>
/// <param name="B">(P, r, out).</param>
/// <param name="Scaling">alpha / √r or alpha / r.</param>
public readonly record struct LoraPair(Tensor A, Tensor B, double Scaling);
