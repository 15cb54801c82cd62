namespace Perk.Core.Tasks;

/// <summary>Which problems are read.</summary>
public sealed record JsonLinesOptions
{
    /// <summary>A file of JSON objects, one a line, or in an array, or a single one; unpacked if named <c>.gz</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The most questions of one draw; a context with more is drawn again with the next ones.</summary>
    public int Questions { get; init; } = 1;

    /// <summary>The most tokens of a context; null for any length. Contexts keep theirs; longer ones are dropped.</summary>
    public int? Length { get; init; }
}

/// <summary>
/// Anybody's problems: rows of <c>context</c> (a text, or an array of paragraphs), <c>question</c>, <c>answers</c> (a text or an
/// array of texts, also as <c>answer</c>), and if known <c>support</c> (texts that stand literally in the context) and
/// <c>kind</c>. Other fields are ignored. Rows that follow each other with the same context are questions about one document.
/// The answer <c>unknown</c>, alone, says that the context does not hold the answer.
/// </summary>
public sealed class JsonLinesTask : IMemoryTask
{
    private readonly JsonLinesOptions _options;
    private readonly List<(JsonContext Context, ProblemQuestion[] Questions)> _draws = [];

    /// <summary>Reads the file.</summary>
    /// <exception cref="ArgumentException">An option cannot be.</exception>
    /// <exception cref="TaskDataException">The file cannot be read; the message names the row and the field.</exception>
    public JsonLinesTask(JsonLinesOptions options)
    {
        if (options.Questions < 1) throw new ArgumentException($"Questions is {options.Questions}; a draw has at least 1.");
        if (options.Length < 1) throw new ArgumentException($"Length is {options.Length} tokens; a context has at least 1.");
        _options = options;

        var (context, questions) = ((JsonContext?)null, new List<ProblemQuestion>());
        foreach (var row in JsonRow.ReadAll(options.Path))
        {
            var next = JsonContext.Of(row);
            if (context is not null && !context.IsSame(next)) Take();
            context ??= next;
            questions.Add(context.Question(row));
        }

        Take();

        void Take()
        {
            _draws.AddRange(questions.Chunk(options.Questions).Select(some => (context!, some)));
            (context, questions) = (null, []);
        }
    }

    /// <inheritdoc/>
    public string Name => "jsonl";

    /// <inheritdoc/>
    public int? Draws => _draws.Count;

    /// <inheritdoc/>
    public Draw Draw(int index)
    {
        var (context, questions) = _draws[index];
        if (context.Tokens > _options.Length) return Tasks.Draw.None("longer than the context length");
        return Tasks.Draw.Of(new Problem
        {
            Index = index,
            Context = context.Text,
            Unit = context.Unit,
            ContextTokens = context.Tokens,
            Questions = [.. questions.Select(q => q with { Support = [.. q.Support.Select(context.WithDepth)] })],
        });
    }

    /// <inheritdoc/>
    public IReadOnlyList<GoldAnswer> TrainingAnswers() =>
    [
        .. _draws.Index().SelectMany(draw => draw.Item.Questions, (draw, q) => (draw.Index, q))
            .SelectMany(pair => pair.q.Answers, (pair, answer) => new GoldAnswer(pair.q.Kind, answer, pair.Index)),
    ];
}
