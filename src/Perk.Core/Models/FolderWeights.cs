using Perk.Core.Tensors;
using static TorchSharp.torch;

namespace Perk.Core.Models;

/// <summary>
/// The weights of a Hugging Face folder: <c>model.safetensors</c>, or several files listed in <c>model.safetensors.index.json</c>.
/// </summary>
internal sealed class FolderWeights : WeightSource
{
    /// <summary>The file of a model that is not sharded.</summary>
    internal const string Single = "model.safetensors";

    private const string Index = "model.safetensors.index.json";
    private readonly Dictionary<string, SafeTensorsFile> _fileOf = new(StringComparer.Ordinal);
    private readonly List<SafeTensorsFile> _files = [];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Device _device;
    private readonly ScalarType _type;
    private readonly string _path;

    private FolderWeights(string path, ScalarType type, Device device) => (_path, _type, _device) = (path, type, device);

    /// <summary>The files that hold the weights, in the order of their names.</summary>
    /// <exception cref="ModelFileException">There are none, or the index names one that is not there or leads out of the folder.</exception>
    public static IReadOnlyList<string> FilesIn(string folder)
    {
        var single = Path.Combine(folder, Single);
        if (File.Exists(single)) return [single];
        var index = Path.Combine(folder, Index);
        if (!File.Exists(index)) throw new ModelFileException(single, $"does not exist, nor does {Index}; a Hugging Face model folder has one of them.");

        var shards = ShardIndex(index).Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        foreach (var shard in shards)
        {
            if (Path.GetFileName(shard) != shard) throw new ModelFileException(index, $"names the file '{shard}'; expected a file of the same folder.");
            if (!File.Exists(Path.Combine(folder, shard))) throw new ModelFileException(index, $"names the file '{shard}', which does not exist.");
        }

        return [.. shards.Select(shard => Path.Combine(folder, shard))];
    }

    /// <summary>The file that lists the others of a sharded model; null where there is one file of weights.</summary>
    public static string? IndexIn(string folder) => File.Exists(Path.Combine(folder, Single)) ? null : Path.Combine(folder, Index);

    /// <summary>Opens all files of a folder; weights are given out in the asked type on the asked device.</summary>
    public static FolderWeights Open(string folder, ScalarType type, Device device)
    {
        var files = FilesIn(folder);
        var source = new FolderWeights(files.Count == 1 ? files[0] : Path.Combine(folder, Index), type, device);
        try
        {
            foreach (var path in files)
            {
                var file = SafeTensorsFile.Open(path);
                source._files.Add(file);
                foreach (var name in file.Entries.Keys)
                    if (!source._fileOf.TryAdd(name, file)) throw new ModelFileException(path, $"holds tensor '{name}', which another file of the folder holds too.");
            }

            return source;
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool Has(string name) => _fileOf.ContainsKey(name);

    /// <inheritdoc/>
    public override Tensor Take(string name, params long[] shape)
    {
        if (!_fileOf.TryGetValue(name, out var file))
            throw new ModelFileException(_path, $"has no tensor '{name}' of shape ({string.Join(", ", shape)}), which config.json calls for.");
        _taken.Add(name);
        using var scope = NewDisposeScope();
        return file.Load(name, shape).to(_type).to(_device).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override void RequireAllTaken(Func<string, bool> harmless)
    {
        var left = _fileOf.Keys.Where(name => !_taken.Contains(name) && !harmless(name)).Order(StringComparer.Ordinal).ToArray();
        if (left.Length > 0)
            throw new ModelFileException(_path, $"holds {left.Length} tensor(s) that the architecture of config.json has no place for, the first '{left[0]}'.");
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (var file in _files) file.Dispose();
    }

    private static Dictionary<string, string> ShardIndex(string path)
    {
        var map = ConfigFields.Read(path).Inner("weight_map") ?? throw new ModelFileException(path, "weight_map is missing; expected an object of tensor names and files.");
        return map.Texts();
    }
}
