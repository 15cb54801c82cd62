using System.CommandLine;
using System.Text.Json.Nodes;
using Perk.Core;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;
using Perk.Core.Tasks.MultiDocument;
using Perk.Core.Tasks.Retrieval;
using Perk.Core.Tasks.StudentRecords;

namespace Perk.Cli.Commands;

/// <summary>The options that name a task, its length and its data.</summary>
internal sealed class TaskFlags
{
    private const int StandardLength = 1024, StandardQuestions = 4;

    private static readonly string[] Names =
        ["qa1", "qa2", "qa3", "order", "recall", "relation", "aggregate", "records", "kv", "hotpotqa", "squad", "nq", "api", "jsonl"];

    private readonly Option<string> _task = new("--task") { Description = string.Join(", ", Names), HelpName = "TASK", Required = true };
    private readonly Option<int?> _length = TokenLength.Create("--length", $"Tokens of a context, by GPT-2's tokenizer: 1024, 8K, 1M (default: {StandardLength}; records and jsonl keep theirs)");
    private readonly Option<int> _questions = StandardOption.Create("--questions", "Most questions about a context (records and jsonl: all, unless given)", StandardQuestions);
    private readonly Option<long> _seed = StandardOption.Create("--seed", "Another one draws other problems", 0L);
    private readonly Option<string?> _babi = Path("--babi", "FILE", "qa1 to qa3: original bAbI stories in place of simulated ones");
    private readonly Option<string?> _haystack = Path("--haystack", "DIR", "qa1 to qa3, order: folder of .txt files that the facts are scattered in (default: the books that ship and nothing was trained on)");
    private readonly Option<string?> _data = Path("--data", "FILE", "The data of records, hotpotqa, squad, nq, api and jsonl; .gz is read too");
    private readonly Option<string?> _fillers = Path("--fillers", "FILE", "api: further API descriptions (JSONL) to fill contexts with");
    private readonly Option<string> _depth = new("--depth")
    {
        Description = "Where that which answers stands: random, pre, mid, post or a share from 0 to 1",
        HelpName = "DEPTH",
        DefaultValueFactory = _ => "random",
    };

    private readonly Option<string> _world = new("--world")
    {
        Description = "qa1 to qa3, order: names, places and objects: test, original (bAbI's) or train",
        HelpName = "LISTS",
        DefaultValueFactory = _ => "test",
    };

    private readonly Option<string?> _names = Words("--names", "qa1 to qa3, order: own names, with commas between");
    private readonly Option<string?> _places = Words("--places", "qa1 to qa3, order: own places");
    private readonly Option<string?> _objects = Words("--objects", "qa1 to qa3, order: own objects");
    private readonly Option<bool> _noPrefix = new("--no-event-prefix") { Description = "qa1 to qa3, order: facts without \"Mary Event 3:\" before them" };
    private readonly Option<double> _unanswerable = StandardOption.Create("--unanswerable", "Share of questions that no context answers", 0.0);
    private readonly Option<double> _otherDocument = StandardOption.Create("--other-document", "Share of questions that another context answers", 0.0);

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _task, _length, _questions, _seed, _babi, _haystack, _data, _fillers, _depth, _world, _names, _places, _objects, _noPrefix, _unanswerable, _otherDocument,
        ];
        foreach (var option in options) command.Add(option);
    }

    /// <summary>Reads the data and makes the task.</summary>
    /// <exception cref="ArgumentException">An option is out of range, missing or of another task.</exception>
    /// <exception cref="TaskDataException">A file is damaged.</exception>
    public NamedTask Create(ParseResult parsed)
    {
        var seed = parsed.GetValue(_seed);
        var name = parsed.GetRequiredValue(_task);
        if (!Names.Contains(name)) throw new ArgumentException($"Task '{name}' is unknown; use {string.Join(", ", Names)}.");
        RefuseForeign(parsed, name);
        var own = name is "records" or "jsonl";
        var length = parsed.GetValue(_length) ?? (own ? null : StandardLength);
        // A file of contexts with questions of their own is asked all of them, unless told otherwise.
        var questions = own && parsed.GetResult(_questions) is not { Implicit: false } ? int.MaxValue : parsed.GetValue(_questions);
        var depth = NeedleDepth.Parse(parsed.GetRequiredValue(_depth));
        var unknown = new UnknownShares(parsed.GetValue(_unanswerable), parsed.GetValue(_otherDocument));
        IMemoryTask task = name switch
        {
            "qa1" or "qa2" or "qa3" or "order" => BabiLong(parsed, name, length!.Value, questions, seed, depth, unknown),
            "recall" or "relation" or "aggregate" => new StudentRecordsTask(new StudentRecordsOptions
            {
                Family = name switch { "recall" => StudentQuestions.Recall, "relation" => StudentQuestions.Relation, _ => StudentQuestions.Aggregate },
                Length = length!.Value,
                Questions = name == "aggregate" ? Math.Min(questions, 3) : questions,
                Seed = seed,
                Depth = depth,
                Unknown = unknown,
            }),
            "kv" => new KeyValueTask(new KeyValueOptions { Length = length!.Value, Questions = questions, Seed = seed, Depth = depth, Unknown = unknown }),
            "records" => new StudentRecordsFile(new StudentRecordsFileOptions { Path = Data(parsed, name), Questions = questions, Length = length }),
            "jsonl" => new JsonLinesTask(new JsonLinesOptions { Path = Data(parsed, name), Questions = questions, Length = length }),
            _ => new MultiDocumentTask(name, Rows(name, Data(parsed, name), parsed.GetValue(_fillers)), new MultiDocumentOptions
            {
                Length = length!.Value,
                Questions = questions,
                Seed = seed,
                Depth = depth,
                Unknown = unknown,
            }),
        };
        return new NamedTask(task, length, unchecked((int)seed), Fingerprint(parsed, seed, length));
    }

    private BabiLongTask BabiLong(ParseResult parsed, string name, int length, int questions, long seed, NeedleDepth depth, UnknownShares unknown)
    {
        var (split, lists) = parsed.GetRequiredValue(_world) switch
        {
            "test" => (TaskSplit.Test, WorldLists.Test),
            "train" => (TaskSplit.Train, WorldLists.Train),
            "original" => (TaskSplit.Test, WorldLists.Original),
            var other => throw new ArgumentException($"World '{other}' is unknown; use test, original or train."),
        };
        var options = new BabiLongOptions
        {
            Level = name switch { "qa1" => BabiLevel.Qa1, "qa2" => BabiLevel.Qa2, "qa3" => BabiLevel.Qa3, _ => BabiLevel.Order },
            Length = length,
            Questions = questions,
            Seed = seed,
            Split = split,
            Lists = parsed.GetValue(_babi) is null
                ? new WorldLists(Split(_names) ?? lists.Names, Split(_places) ?? lists.Places, Split(_objects) ?? lists.Objects)
                : null,
            File = parsed.GetValue(_babi) is { } file ? BabiFile.Load(file) : null,
            EventPrefix = !parsed.GetValue(_noPrefix),
            Depth = depth,
            Unknown = unknown,
        };
        return new BabiLongTask(options, Haystack.FromFolder(HaystackFolder(parsed), only: HaystackFiles(parsed)));

        string[]? Split(Option<string?> option) => parsed.GetValue(option)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static QuestionSet Rows(string name, string file, string? fillers) => name switch
    {
        "hotpotqa" => HotpotQaFile.Read(file),
        "squad" => SquadFile.Read(file),
        "nq" => NaturalQuestionsFile.Read(file),
        _ => ApiBenchFile.Read(file, fillers),
    };

    private string Data(ParseResult parsed, string task) => parsed.GetValue(_data)
        ?? throw new ArgumentException($"Task {task} needs its data; name the file with --data.");

    private string HaystackFolder(ParseResult parsed) => parsed.GetValue(_haystack) ?? ShippedBooks.Folder;

    private IReadOnlyList<string>? HaystackFiles(ParseResult parsed) => parsed.GetValue(_haystack) is null ? ShippedBooks.HeldOut : null;

    /// <summary>An option that says nothing about this task was meant for another.</summary>
    private void RefuseForeign(ParseResult parsed, string name)
    {
        var simulated = name is "qa1" or "qa2" or "qa3" or "order";
        var file = name is "records" or "jsonl" or "hotpotqa" or "squad" or "nq" or "api";
        Refuse($"task {name}",
        [
            .. simulated ? (Option[])[] : [_babi, _haystack, _world, _names, _places, _objects, _noPrefix],
            .. file ? (Option[])[] : [_data],
            .. name == "api" ? (Option[])[] : [_fillers],
            .. name is "records" or "jsonl" ? [_depth, _unanswerable, _otherDocument] : (Option[])[],
        ]);
        if (parsed.GetValue(_babi) is not null) Refuse("original stories", [_world, _names, _places, _objects]);

        void Refuse(string what, Option[] foreign)
        {
            if (foreign.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } given)
                throw new ArgumentException($"{given.Name} says nothing about {what}; leave it out.");
        }
    }

    private JsonObject Fingerprint(ParseResult parsed, long seed, int? length)
    {
        var options = new JsonObject { ["seed"] = seed, ["length"] = length, ["questions"] = parsed.GetValue(_questions) };
        foreach (var option in (Option<string?>[])[_names, _places, _objects]) options[option.Name[2..]] = parsed.GetValue(option);
        options["world"] = parsed.GetValue(_world);
        options["depth"] = parsed.GetValue(_depth);
        options["eventPrefix"] = !parsed.GetValue(_noPrefix);
        options["unanswerable"] = parsed.GetValue(_unanswerable);
        options["otherDocument"] = parsed.GetValue(_otherDocument);
        foreach (var option in (Option<string?>[])[_babi, _data, _fillers])
            options[option.Name[2..]] = parsed.GetValue(option) is { } file ? Ids.Sha256OfFile(file) : null;
        if (parsed.GetRequiredValue(_task) is "qa1" or "qa2" or "qa3" or "order")
        {
            options["haystack"] = Ids.Sha256(string.Concat(
                TextFolder.Files(HaystackFolder(parsed), HaystackFiles(parsed)).Select(f => $"{System.IO.Path.GetFileName(f)} {Ids.Sha256OfFile(f)}\n")));
        }

        return options;
    }

    private static Option<string?> Path(string name, string shown, string description) => new(name) { Description = description, HelpName = shown };

    private static Option<string?> Words(string name, string description) => new(name) { Description = description, HelpName = "A,B,C" };
}
