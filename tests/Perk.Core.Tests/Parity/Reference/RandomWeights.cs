using Perk.Core.Lora;
using Perk.Core.Models;
using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Tests.Parity.Reference;

/// <summary>
/// Small random matrices by name, as plain arrays and as a model folder or an adapter that holds the same numbers.
/// </summary>
internal sealed class RandomWeights(int seed)
{
    private readonly Random _random = new(seed);
    private readonly Dictionary<string, (double[,] Values, bool Vector)> _matrices = [];

    public double[,] this[string name] => _matrices[name].Values;

    /// <summary>Makes a matrix of float32 values around a centre.</summary>
    public double[,] Add(string name, int rows, int columns, double width = 0.3, double centre = 0)
    {
        var values = new double[rows, columns];
        for (var i = 0; i < rows; i++)
            for (var j = 0; j < columns; j++)
                values[i, j] = (float)(centre + width * (2 * _random.NextDouble() - 1));
        _matrices.Add(name, (values, false));
        return values;
    }

    /// <summary>Makes a vector, one row here.</summary>
    public void AddVector(string name, int length, double width = 0.3, double centre = 0)
    {
        Add(name, 1, length, width, centre);
        _matrices[name] = (this[name], true);
    }

    /// <summary>Writes <c>model.safetensors</c> and <c>config.json</c>.</summary>
    public void Save(TemporaryFolder folder, string config)
    {
        using var scope = NewDisposeScope();
        var tensors = _matrices.Select(m => (m.Key, m.Value.Vector ? Torch(m.Value.Values)[0] : Torch(m.Value.Values)));
        SafeTensors.Write(folder.File("model.safetensors"), tensors);
        File.WriteAllText(folder.File("config.json"), config);
    }

    /// <summary>
    /// An adapter of one problem with A and B for every projection, kept here as <c>{path}.A</c> (in, r) and <c>{path}.B</c> (r,
    /// out).
    /// </summary>
    public Adapter AddAdapter(CausalLM model, LoraOptions options)
    {
        var modules = options.Select(model.LinearModules);
        return new Adapter(options, modules, [.. modules.SelectMany(m => new[]
        {
            ForAdapter(Add(m.Path + ".A", m.In, options.Rank)),
            ForAdapter(Add(m.Path + ".B", options.Rank, m.Out)),
        })]);

        Tensor ForAdapter(double[,] values)
        {
            using var scope = NewDisposeScope();
            return Torch(values).to(model.WeightType).unsqueeze(0).DetachFromDisposeScope();
        }
    }

    private static Tensor Torch(double[,] values) => tensor(values).to(ScalarType.Float32);
}
