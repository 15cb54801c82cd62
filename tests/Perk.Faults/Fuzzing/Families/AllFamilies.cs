using Perk.Core.Tensors;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>Every kind of input the product reads.</summary>
internal sealed class AllFamilies : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>Makes the samples.</summary>
    /// <param name="folder">Where files are put to be read.</param>
    public AllFamilies(FuzzFolder folder)
    {
        NativeTorch.EnsureLoaded();
        All =
        [
            new EncodeMessages(), new QuestionsMessages(), new EvaluateMessages(), new JobRecords(), new ReportIndexes(), new EvaluationSuites(folder.File("suites")), new StoredAnswers(folder.File("answers")), new Batches(folder.File("batches")), new AdapterManifests(), new ModelManifests(),
            new BatchManifests(folder.File("manifests")), new HostFiles(folder.File("hosts")), Owned(new AdapterFiles(folder.File("adapters"))),
            Owned(new CheckpointFolders(folder.File("checkpoints"))), new ModelFolders(folder.File("models")), new TokenizerFolders(folder.File("tokenizers")),
            new CheckpointSources(folder.File("sources")),
        ];
    }

    /// <summary>All of them, those that read no tensors first.</summary>
    public IReadOnlyList<Family> All { get; }

    /// <summary>One of them; all where no name is given.</summary>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public IReadOnlyList<Family> Named(string? name) =>
        name is null ? All
        : All.Where(family => family.Name == name).ToArray() is { Length: 1 } one ? one
        : throw new ArgumentException($"There is no family '{name}'; there are {string.Join(", ", All.Select(family => family.Name))}.");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var family in _owned) family.Dispose();
    }

    private T Owned<T>(T family)
        where T : Family, IDisposable
    {
        _owned.Add(family);
        return family;
    }
}
