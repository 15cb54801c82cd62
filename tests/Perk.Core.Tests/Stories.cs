using Perk.Core.Lora;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests;

/// <summary>The stories260K model, loaded once, and small contexts for it.</summary>
internal static class Stories
{
    private static readonly Lazy<CausalLM> Loaded = new(() => ModelFolder.Load(RepositoryFiles.Stories260K, CPU));
    private static readonly Lazy<TextTokenizer> LoadedTokenizer = new(() => TextTokenizer.Load(RepositoryFiles.Stories260K));

    private static readonly Lazy<CausalLM> LoadedFloat64 = new(() => ModelFolder.Load(RepositoryFiles.Stories260K, CPU, ScalarType.Float64));

    public static CausalLM Model => Loaded.Value;

    /// <summary>The same model in float64, for finite differences.</summary>
    public static CausalLM Float64 => LoadedFloat64.Value;

    public static TextTokenizer Tokenizer => LoadedTokenizer.Value;

    public const int Bos = 1;

    /// <summary>Random segments of the given lengths out of trained tokens (3 to 258 are bytes the model hardly saw), with a prefix of 3 tokens that carries no loss.</summary>
    public static IReadOnlyList<TokenSegment> Segments(int seed, params int[] lengths)
    {
        var random = new Random(seed);
        return [.. lengths.Select(n => new TokenSegment([Bos, .. Enumerable.Range(1, n - 1).Select(_ => random.Next(259, 512))], 3))];
    }

    /// <summary>An adapter of P problems whose B is not zero, so that it changes what the model computes.</summary>
    public static Adapter RandomAdapter(
        int seed, int problems = 1, ScalarType type = ScalarType.Float32, CausalLM? model = null, LoraOptions? lora = null)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        var options = lora ?? new LoraOptions { Rank = 4 };
        var modules = options.Select((model ?? Model).LinearModules);
        return new Adapter(options, modules, [.. modules.SelectMany(m => new[]
        {
            randn([problems, m.In, options.Rank], dtype: type, generator: generator).Times(0.1).DetachFromDisposeScope(),
            randn([problems, options.Rank, m.Out], dtype: type, generator: generator).Times(0.1).DetachFromDisposeScope(),
        })]);
    }

    /// <summary>Default meta-parameters of a small rank.</summary>
    public static MetaParameters Meta(int steps = 4, double stepSize = 0.01, int seed = 0, LoraOptions? lora = null) =>
        MetaParameters.Default(Model, new MetaInitialisation { Lora = lora ?? new LoraOptions { Rank = 4 }, Steps = steps, StepSize = stepSize, Seed = seed });

    public static void Close(Tensor expected, Tensor actual, double tolerance)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        var (wide, other) = (expected.to(ScalarType.Float64), actual.to(ScalarType.Float64));
        var worst = (wide - other).abs().Filled(wide.eq(other), 0).max().item<double>(); // equal infinities differ by nothing
        Assert.True(worst <= tolerance, $"The largest difference is {worst}, allowed is {tolerance}.");
    }

    public static void Close(Adapter expected, Adapter actual, double tolerance)
    {
        for (var i = 0; i < expected.Tensors.Count; i++) Close(expected.Tensors[i], actual.Tensors[i], tolerance);
    }

    public static void Identical(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.equal(actual).all().item<bool>(), "The tensors differ.");
    }

    public static bool Same(Adapter a, Adapter b) => a.Tensors.Zip(b.Tensors).All(p => p.First.equal(p.Second).all().item<bool>());
}
