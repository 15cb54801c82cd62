using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Perk.Core.MetaLearning;
using Perk.Core.Documents;
using Perk.Core.Storage;
using Perk.Core.Tasks;
using Perk.Core.Training;

namespace Perk.Core.Evaluation;

/// <summary>Evaluations that are run together and compared with those of an earlier day: a committed JSON file. Paths in it are relative to it.</summary>
public sealed record EvaluationSuite
{
    /// <summary>The folder of the suites that lie beside the running program.</summary>
    public static string ShippedFolder { get; } = Path.Combine(AppContext.BaseDirectory, "data", "evaluation");

    /// <summary>Its name: its file's, without extension.</summary>
    public required string Name { get; init; }

    /// <summary>What it is for, for people.</summary>
    public string? Description { get; init; }

    /// <summary>The evaluations.</summary>
    public required IReadOnlyList<SuiteEntry> Entries { get; init; }

    /// <summary>Where it was read from.</summary>
    [JsonIgnore]
    public string File { get; init; } = "";

    /// <summary>Reads a suite.</summary>
    /// <param name="file">Its file.</param>
    /// <exception cref="TaskDataException">It is missing or damaged, or a value is out of range; the message names the entry and the key.</exception>
    public static EvaluationSuite Load(string file)
    {
        try
        {
            return (StrictJson.Read<EvaluationSuite>(System.IO.File.ReadAllBytes(file)) with { File = file }).Validated();
        }
        catch (JsonException e)
        {
            throw new TaskDataException(file, Excerpt.OfSentence(e.Message), e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TaskDataException(file, "there is no such file; a suite of evaluations is expected.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TaskDataException(file, $"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a suite by its name.</summary>
    /// <param name="folder">The folder of suites.</param>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">The name is none.</exception>
    /// <exception cref="TaskDataException">There is no such suite, or it is damaged.</exception>
    public static EvaluationSuite Find(string folder, string name)
    {
        NameRules.Good(name, NameRules.SuiteFault, nameof(name));
        var file = Path.Combine(folder, name + ".json");
        if (System.IO.File.Exists(file)) return Load(file);
        var known = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal).ToArray() : [];
        throw new TaskDataException(file, $"there is no suite '{name}' here ({(known.Length == 0 ? "there is none at all" : $"there are {string.Join(", ", known)}")}); put its file there, or name another.");
    }

    /// <summary>Makes every entry's task and draws its problems; no model is needed.</summary>
    /// <param name="books">The folder of <see cref="ShippedBooks"/>.</param>
    /// <param name="cancel">Checked before each draw.</param>
    /// <exception cref="TaskDataException">An entry cannot be asked as it is; the message names file, entry and what is wrong.</exception>
    public IReadOnlyList<SuiteTask> Prepare(string books, CancellationToken cancel) =>
    [
        .. Entries.Select(entry => Checked(entry, () =>
        {
            var task = entry.Task.From(Path.GetDirectoryName(Path.GetFullPath(File))!).Create(books);
            return new SuiteTask(entry, task, new EvaluationSet(task.Task, entry.Contexts, cancel));
        })),
    ];

    /// <summary>The sha256, 64 hexadecimal digits, of everything that decides what is asked, the problems as they are drawn included: only reports of the same definition are compared.</summary>
    /// <param name="tasks">What <see cref="Prepare"/> made.</param>
    public static string Definition(IReadOnlyList<SuiteTask> tasks) => Ids.Sha256(new JsonArray(
    [
        .. tasks.Select(task => new JsonObject
        {
            ["name"] = task.Entry.Name,
            ["task"] = task.Task.Task.Name,
            ["options"] = task.Task.Options.DeepClone(),
            ["problems"] = task.Set.Digest,
            ["contexts"] = task.Entry.Contexts,
            ["methods"] = new JsonArray([.. task.Entry.Methods.Select(m => JsonValue.Create(m))]),
            ["maxTokens"] = task.Entry.MaxTokens,
            ["retrieved"] = task.Entry.Retrieved,
        }),
    ]).ToJsonString(Json.Compact));

    private EvaluationSuite Validated()
    {
        if (NameRules.SuiteFault(Name) is { } fault) throw new TaskDataException(File, $"name: {fault}");
        if (Path.GetFileNameWithoutExtension(File) is var called && called != Name) throw new TaskDataException(File, $"name is '{Name}' and the file's '{called}'; they must be the same.");
        if (Entries.Count == 0) throw new TaskDataException(File, "entries is empty; a suite needs one or more.");
        foreach (var (i, entry) in Entries.Index())
        {
            if (entry is null) throw new TaskDataException(File, $"entries[{i}] is null; expected an object.");
            if (NameRules.SuiteFault(entry.Name) is { } bad) throw new TaskDataException(File, $"entries[{i}].name: {bad}");
            if (Entries.Take(i).Any(e => e.Name == entry.Name)) throw new TaskDataException(File, $"entries[{i}].name: '{entry.Name}' is the name of an earlier entry.");
            foreach (var (key, list) in new[] { ("methods", entry.Methods), ("task.names", entry.Task.Names), ("task.places", entry.Task.Places), ("task.objects", entry.Task.Objects) })
                if (list?.Any(text => text is null) == true) throw new TaskDataException(File, $"entry {entry.Name}: {key} holds null; expected texts.");
            Checked(entry, () => entry.Options(1));
        }

        return this;
    }

    private T Checked<T>(SuiteEntry entry, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception e) when (e is ArgumentException or TaskDataException)
        {
            throw new TaskDataException(File, $"entry {entry.Name}: {Excerpt.OfSentence(e is ArgumentException { ParamName: { } name } ? e.Message.Split($" (Parameter '{name}')")[0] : e.Message)}", e);
        }
    }
}

/// <summary>An entry of a suite with its task and the problems that are asked.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Task">The task.</param>
/// <param name="Set">The problems.</param>
public sealed record SuiteTask(SuiteEntry Entry, NamedTask Task, EvaluationSet Set)
{
    /// <summary>Everything that decides a row, the problems as they are drawn included.</summary>
    public JsonObject Describe(EvaluatorOptions options, Checkpoint checkpoint, EncodingOptions encoding)
    {
        var run = EvaluationRun.Describe(Task, options, checkpoint, encoding, icr: null);
        run["problems"] = Set.Digest;
        return run;
    }
}
