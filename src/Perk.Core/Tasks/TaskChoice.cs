using System.Text.Json.Nodes;
using Perk.Core.Tasks.BabiLong;
using Perk.Core.Tasks.MultiDocument;
using Perk.Core.Tasks.Retrieval;
using Perk.Core.Tasks.StudentRecords;

namespace Perk.Core.Tasks;

/// <summary>Which task, how long, how many questions and from which data: what <c>perk evaluate</c>'s options and an entry of a suite say. What is null stands as usual.</summary>
public sealed record TaskChoice
{
    /// <summary>Tokens of a context where nothing else is said.</summary>
    public const int StandardLength = 1024;

    /// <summary>The most questions about a context where nothing else is said.</summary>
    public const int StandardQuestions = 4;

    /// <summary>Every task.</summary>
    public static IReadOnlyList<string> Tasks { get; } =
        ["qa1", "qa2", "qa3", "order", "recall", "relation", "aggregate", "records", "kv", "hotpotqa", "squad", "nq", "api", "jsonl"];

    /// <summary>The task, one of <see cref="Tasks"/>.</summary>
    public required string Name { get; init; }

    /// <summary>Tokens of a context, by GPT-2's tokenizer; records and jsonl keep theirs unless it is given.</summary>
    public int? Length { get; init; }

    /// <summary>The most questions about a context; of records and jsonl all, unless it is given.</summary>
    public int? Questions { get; init; }

    /// <summary>Another one draws other problems.</summary>
    public long Seed { get; init; }

    /// <summary>Where that which answers stands, <see cref="NeedleDepth.Parse"/>.</summary>
    public string? Depth { get; init; }

    /// <summary>Names, places and objects of a simulated world: test, original or train.</summary>
    public string? World { get; init; }

    /// <summary>Own names.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Own places.</summary>
    public IReadOnlyList<string>? Places { get; init; }

    /// <summary>Own objects.</summary>
    public IReadOnlyList<string>? Objects { get; init; }

    /// <summary>Whether facts have “Mary Event 3:” before them.</summary>
    public bool? EventPrefix { get; init; }

    /// <summary>Share of questions that no context answers, 0 to 1.</summary>
    public double? Unanswerable { get; init; }

    /// <summary>Share of questions that another context answers, 0 to 1.</summary>
    public double? OtherDocument { get; init; }

    /// <summary>A file of original bAbI stories.</summary>
    public string? Babi { get; init; }

    /// <summary>A folder of .txt files that facts are scattered in; the held-out books if not given.</summary>
    public string? Haystack { get; init; }

    /// <summary>The data of records, hotpotqa, squad, nq, api and jsonl.</summary>
    public string? Data { get; init; }

    /// <summary>A file of further API descriptions.</summary>
    public string? Fillers { get; init; }

    /// <summary>Whether the task's contexts and questions are a simulated world's.</summary>
    private bool Simulated => Name is "qa1" or "qa2" or "qa3" or "order";

    /// <summary>Reads the data and makes the task.</summary>
    /// <param name="books">The folder of <see cref="ShippedBooks"/>.</param>
    /// <param name="option">How errors call a property, given its name in JSON; as it is if not given.</param>
    /// <exception cref="ArgumentException">A value is out of range, missing or of another task; the message names it.</exception>
    /// <exception cref="TaskDataException">A file is missing or damaged.</exception>
    public NamedTask Create(string books, Func<string, string>? option = null)
    {
        option ??= key => key;
        if (!Tasks.Contains(Name, StringComparer.Ordinal)) throw new ArgumentException($"Task '{Name}' is unknown; use {string.Join(", ", Tasks)}.");
        RefuseForeign(option);
        var own = Name is "records" or "jsonl";
        var length = Length ?? (own ? null : StandardLength);
        // A file of contexts with questions of their own is asked all of them, unless told otherwise.
        var questions = Questions ?? (own ? int.MaxValue : StandardQuestions);
        var depth = NeedleDepth.Parse(Depth ?? "random");
        var unknown = new UnknownShares(Unanswerable ?? 0, OtherDocument ?? 0);
        IMemoryTask task = Name switch
        {
            "recall" or "relation" or "aggregate" => new StudentRecordsTask(new StudentRecordsOptions
            {
                Family = Name switch { "recall" => StudentQuestions.Recall, "relation" => StudentQuestions.Relation, _ => StudentQuestions.Aggregate },
                Length = length!.Value,
                Questions = Name == "aggregate" ? Math.Min(questions, 3) : questions,
                Seed = Seed,
                Depth = depth,
                Unknown = unknown,
            }),
            "kv" => new KeyValueTask(new KeyValueOptions { Length = length!.Value, Questions = questions, Seed = Seed, Depth = depth, Unknown = unknown }),
            "records" => new StudentRecordsFile(new StudentRecordsFileOptions { Path = Required(), Questions = questions, Length = length }),
            "jsonl" => new JsonLinesTask(new JsonLinesOptions { Path = Required(), Questions = questions, Length = length }),
            _ when Simulated => BabiLong(length!.Value, questions, depth, unknown, books),
            _ => new MultiDocumentTask(Name, Rows(Required()), new MultiDocumentOptions
            {
                Length = length!.Value,
                Questions = questions,
                Seed = Seed,
                Depth = depth,
                Unknown = unknown,
            }),
        };
        return new NamedTask(task, length, unchecked((int)Seed), Fingerprint(length, books));

        string Required() => Data ?? throw new ArgumentException($"Task {Name} needs its data; name the file with {option("data")}.");
    }

    /// <summary>The same with relative paths taken from a folder.</summary>
    public TaskChoice From(string folder)
    {
        return this with { Babi = Full(Babi), Haystack = Full(Haystack), Data = Full(Data), Fillers = Full(Fillers) };

        string? Full(string? path) => path is null ? null : Path.Combine(folder, path);
    }

    private BabiLongTask BabiLong(int length, int questions, NeedleDepth depth, UnknownShares unknown, string books)
    {
        var (split, lists) = (World ?? "test") switch
        {
            "test" => (TaskSplit.Test, WorldLists.Test),
            "train" => (TaskSplit.Train, WorldLists.Train),
            "original" => (TaskSplit.Test, WorldLists.Original),
            var other => throw new ArgumentException($"World '{other}' is unknown; use test, original or train."),
        };
        var options = new BabiLongOptions
        {
            Level = Name switch { "qa1" => BabiLevel.Qa1, "qa2" => BabiLevel.Qa2, "qa3" => BabiLevel.Qa3, _ => BabiLevel.Order },
            Length = length,
            Questions = questions,
            Seed = Seed,
            Split = split,
            Lists = Babi is null ? new WorldLists([.. Names ?? lists.Names], [.. Places ?? lists.Places], [.. Objects ?? lists.Objects]) : null,
            File = Babi is { } file ? BabiFile.Load(file) : null,
            EventPrefix = EventPrefix ?? true,
            Depth = depth,
            Unknown = unknown,
        };
        return new BabiLongTask(options, BabiLongHaystack(books));
    }

    private Haystack BabiLongHaystack(string books) =>
        Haystack is { } folder ? Perk.Core.Tasks.BabiLong.Haystack.FromFolder(folder) : Perk.Core.Tasks.BabiLong.Haystack.FromFolder(books, only: ShippedBooks.HeldOut);

    private QuestionSet Rows(string file) => Name switch
    {
        "hotpotqa" => HotpotQaFile.Read(file),
        "squad" => SquadFile.Read(file),
        "nq" => NaturalQuestionsFile.Read(file),
        _ => ApiBenchFile.Read(file, Fillers),
    };

    /// <summary>An option that says nothing about this task was meant for another.</summary>
    private void RefuseForeign(Func<string, string> option)
    {
        (string Key, object? Value)[] world = [("world", World), ("names", Names), ("places", Places), ("objects", Objects)];
        var file = Name is "records" or "jsonl" or "hotpotqa" or "squad" or "nq" or "api";
        Refuse($"task {Name}",
        [
            .. Simulated ? [] : ((string, object?)[])[("babi", Babi), ("haystack", Haystack), .. world, ("eventPrefix", EventPrefix)],
            .. file ? [] : ((string, object?)[])[("data", Data)],
            .. Name == "api" ? [] : ((string, object?)[])[("fillers", Fillers)],
            .. Name is "records" or "jsonl" ? [("depth", Depth), ("unanswerable", Unanswerable), ("otherDocument", OtherDocument)] : ((string, object?)[])[],
        ]);
        if (Babi is not null) Refuse("original stories", world);

        void Refuse(string what, (string Key, object? Value)[] foreign)
        {
            if (Array.Find(foreign, f => f.Value is not null) is { Key: { } key })
                throw new ArgumentException($"{option(key)} says nothing about {what}; leave it out.");
        }
    }

    private JsonObject Fingerprint(int? length, string books)
    {
        var options = new JsonObject { ["seed"] = Seed, ["length"] = length, ["questions"] = Questions ?? (Name is "records" or "jsonl" ? null : StandardQuestions) };
        foreach (var (key, list) in new[] { ("names", Names), ("places", Places), ("objects", Objects) }) options[key] = list is null ? null : new JsonArray([.. list.Select(word => JsonValue.Create(word))]);
        options["world"] = World ?? "test";
        options["depth"] = Depth ?? "random";
        options["eventPrefix"] = EventPrefix ?? true;
        options["unanswerable"] = Unanswerable ?? 0;
        options["otherDocument"] = OtherDocument ?? 0;
        foreach (var (key, file) in new[] { ("babi", Babi), ("data", Data), ("fillers", Fillers) }) options[key] = file is null ? null : Ids.Sha256OfFile(file);
        if (Simulated)
        {
            options["haystack"] = Ids.Sha256(string.Concat(
                TextFolder.Files(Haystack ?? books, Haystack is null ? ShippedBooks.HeldOut : null).Select(f => $"{Path.GetFileName(f)} {Ids.Sha256OfFile(f)}\n")));
        }

        return options;
    }
}
