using Perk.Core.Documents;

namespace Perk.Core.Tasks.Retrieval;

/// <summary>What keys and values are drawn.</summary>
public sealed record KeyValueOptions
{
    /// <summary>The most tokens of a context, at least <see cref="KeyValueTask.MinLength"/>; as many pairs as fit.</summary>
    public int Length { get; init; } = 1024;

    /// <summary>Questions a context, at most one for 96 tokens of its length.</summary>
    public int Questions { get; init; } = 1;

    /// <summary>The seed.</summary>
    public long Seed { get; init; }

    /// <summary>The split.</summary>
    public TaskSplit Split { get; init; } = TaskSplit.Test;

    /// <summary>Where the pairs asked for stand: those nearest to the depth, as many as there are questions.</summary>
    public NeedleDepth Depth { get; init; } = NeedleDepth.Random;

    /// <summary>Questions about keys that the context does not have.</summary>
    public UnknownShares Unknown { get; init; } = UnknownShares.None;
}

/// <summary>Random UUIDs as keys and values, one pair a line (Liu et al. 2023, "Lost in the Middle", arXiv 2307.03172).</summary>
public sealed class KeyValueTask : IMemoryTask
{
    /// <summary>The least tokens of a context: two pairs.</summary>
    public const int MinLength = 2 * MostTokens;

    /// <summary>No pair has more tokens, with its line end, even if every character of the UUIDs is one.</summary>
    internal const int MostTokens = 96;

    private const string Kind = "key-value";
    private const int EnoughAnswers = 600;

    private readonly KeyValueOptions _options;

    /// <summary>Takes the options.</summary>
    /// <exception cref="ArgumentException">One of them cannot be; the message says what would be right.</exception>
    public KeyValueTask(KeyValueOptions options)
    {
        var most = options.Length / MostTokens;
        if (options.Length < MinLength)
            throw new ArgumentException($"Length is {options.Length} tokens; pairs take at least {MinLength}.");
        if (options.Questions < 1 || options.Questions > most)
            throw new ArgumentException($"Questions is {options.Questions}; {options.Length} tokens take 1 to {most}.");
        LineRegister<Pair>.Check(options.Depth);
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => "kv";

    /// <inheritdoc/>
    public int? Draws => null;

    /// <inheritdoc/>
    public Draw Draw(int index)
    {
        var random = Random(_options.Split, index);
        var register = new LineRegister<Pair>(_options.Length, Pairs(random), p => p.Line);
        var others = Others(index, register.Records);
        return Tasks.Draw.Of(new Problem
        {
            Index = index,
            Context = register.Text,
            Unit = SegmentUnit.Line,
            ContextTokens = register.Tokens,
            Questions =
            [
                .. register.Near(_options.Depth, _options.Questions, random).Select(place => _options.Unknown.Draw(random) switch
                {
                    Answerability.Answerable => Question(register.Records[place], register.Fact(place)),
                    Answerability.Unanswerable => Unknown(Answerability.Unanswerable, Key(random, told: false)),
                    var other => Unknown(other, others.Value.Dequeue()),
                }),
            ],
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<GoldAnswer> TrainingAnswers()
    {
        var random = Random(TaskSplit.Train, 0);
        return
        [
            .. Enumerable.Range(0, EnoughAnswers).Select(_ => new GoldAnswer(
                Kind, _options.Unknown.Draw(random) == Answerability.Answerable ? Uuid(random) : UnknownAnswer.Text)),
        ];
    }

    private static ProblemQuestion Question(Pair pair, SupportingFact fact) => new()
    {
        Kind = Kind,
        Text = Text(pair.Key),
        Answers = [pair.Value],
        Support = [fact],
    };

    private static ProblemQuestion Unknown(Answerability answerability, string key) => new()
    {
        Kind = Kind,
        Text = Text(key),
        Answers = [UnknownAnswer.Text],
        Answerability = answerability,
    };

    private static string Text(string key) => $"What is the value of the key \"{key}\"?";

    private static string Uuid(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        bytes[6] = (byte)(bytes[6] & 0x0F | 0x40); // version 4,
        bytes[8] = (byte)(bytes[8] & 0x3F | 0x80); // of RFC 9562's variant
        return new Guid(bytes, bigEndian: true).ToString();
    }

    private Random Random(TaskSplit split, int index) => TaskRandom.For(Name, split, _options.Seed, index);

    /// <summary>Keys that only the next draw has: its first ones, as many as surely fit.</summary>
    private Lazy<Queue<string>> Others(int index, IReadOnlyList<Pair> own) => new(() => new(
        Pairs(Random(_options.Split, index + 1)).Take(_options.Length / MostTokens).Select(p => p.Key)
            .Except(own.Select(p => p.Key), StringComparer.Ordinal)));

    private string Key(Random random, bool told)
    {
        while (true)
        {
            var key = Uuid(random);
            if (HeldOut.IsKey(key, _options.Split, told)) return key;
        }
    }

    private IEnumerable<Pair> Pairs(Random random)
    {
        while (true) yield return new Pair(Key(random, told: true), Uuid(random));
    }

    private sealed record Pair(string Key, string Value)
    {
        internal string Line => $"\"{Key}\": \"{Value}\"";
    }
}
