using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Perk.Core.Tasks;

namespace Perk.Cli.Commands;

/// <summary>The options that name a task, its length and its data.</summary>
internal sealed class TaskFlags
{
    private readonly Option<string?> _task = new("--task") { Description = string.Join(", ", TaskChoice.Tasks), HelpName = "TASK" };
    private readonly Option<int?> _length = TokenLength.Create("--length", $"Tokens of a context, by GPT-2's tokenizer: 1024, 8K, 1M (default: {TaskChoice.StandardLength}; records and jsonl keep theirs)");
    private readonly Option<int> _questions = StandardOption.Create("--questions", "Most questions about a context (records and jsonl: all, unless given)", TaskChoice.StandardQuestions);
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

    private Option[] All =>
    [
        _task, _length, _questions, _seed, _babi, _haystack, _data, _fillers, _depth, _world, _names, _places, _objects, _noPrefix, _unanswerable, _otherDocument,
    ];

    public void AddTo(Command command)
    {
        foreach (var option in All) command.Add(option);
    }

    /// <summary>The first of these options that the command line has; null where it has none.</summary>
    public string? Given(ParseResult parsed) => All.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false })?.Name;

    /// <summary>Whether a task is named.</summary>
    public bool IsNamed(CommandResult result) => result.GetResult(_task) is { Implicit: false };

    /// <summary>Reads the data and makes the task.</summary>
    /// <exception cref="ArgumentException">An option is out of range, missing or of another task.</exception>
    /// <exception cref="TaskDataException">A file is damaged.</exception>
    public NamedTask Create(ParseResult parsed)
    {
        return new TaskChoice
        {
            Name = parsed.GetValue(_task)!,
            Length = parsed.GetValue(_length),
            Questions = Explicit(_questions) ? parsed.GetValue(_questions) : null,
            Seed = parsed.GetValue(_seed),
            Depth = Explicit(_depth) ? parsed.GetValue(_depth) : null,
            World = Explicit(_world) ? parsed.GetValue(_world) : null,
            Names = List(_names),
            Places = List(_places),
            Objects = List(_objects),
            EventPrefix = parsed.GetValue(_noPrefix) ? false : null,
            Unanswerable = Explicit(_unanswerable) ? parsed.GetValue(_unanswerable) : null,
            OtherDocument = Explicit(_otherDocument) ? parsed.GetValue(_otherDocument) : null,
            Babi = parsed.GetValue(_babi),
            Haystack = parsed.GetValue(_haystack),
            Data = parsed.GetValue(_data),
            Fillers = parsed.GetValue(_fillers),
        }.Create(ShippedBooks.Folder, key => key == "eventPrefix" ? _noPrefix.Name : $"--{JsonNamingPolicy.KebabCaseLower.ConvertName(key)}");

        bool Explicit(Option option) => parsed.GetResult(option) is { Implicit: false };
        string[]? List(Option<string?> option) => parsed.GetValue(option)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static Option<string?> Path(string name, string shown, string description) => new(name) { Description = description, HelpName = shown };

    private static Option<string?> Words(string name, string description) => new(name) { Description = description, HelpName = "A,B,C" };
}
