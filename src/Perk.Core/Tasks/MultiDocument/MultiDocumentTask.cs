using System.Collections.ObjectModel;
using Perk.Core.Documents;

namespace Perk.Core.Tasks.MultiDocument;

/// <summary>
/// Questions over paragraphs of a file: the gold paragraphs of some rows among paragraphs of the same file, up to a length. PERK
/// (arXiv 2507.06415) uses it with HotpotQA and TriviaQA, and with descriptions of APIs.
/// </summary>
/// <remarks>
/// A draw asks Q rows that follow each other in a seeded order (Q: <see cref="MultiDocumentOptions.Questions"/>). The rows' own
/// distractors come first, then others. What is asked, and among what, is the same for every
/// <see cref="MultiDocumentOptions.Depth"/>.
/// </remarks>
public sealed class MultiDocumentTask : IMemoryTask
{
    private readonly MultiDocumentOptions _options;
    private readonly ParagraphPool _pool;
    private readonly QuestionPlanner _planner;
    private readonly IReadOnlyList<int> _order; // Draws about one paragraph do not follow each other.

    /// <summary>Takes a file's questions.</summary>
    /// <param name="name">The task's name: <c>hotpotqa</c>, <c>squad</c>, <c>nq</c>, <c>api</c>; part of the seed.</param>
    /// <param name="set">The questions.</param>
    /// <param name="options">How contexts are made.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the file has no impossible questions to ask.</exception>
    public MultiDocumentTask(string name, QuestionSet set, MultiDocumentOptions options)
    {
        options.Validate();
        (Name, _options, DroppedRows) = (name, options, set.Dropped);
        _planner = new QuestionPlanner(set, options, RandomFor(-1));
        _pool = new ParagraphPool(set);
        int[] draws = [.. Enumerable.Range(0, _planner.Draws)];
        _order = set.AsksByParagraph ? RandomFor(-2).PickDistinct(draws, draws.Length) : draws;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int? Draws => _planner.Draws;

    /// <summary>How many rows of the file are never asked, by reason.</summary>
    public IReadOnlyDictionary<string, int> DroppedRows { get; }

    /// <inheritdoc/>
    public Draw Draw(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _planner.Draws);
        var random = RandomFor(_order[index]);
        var planned = _planner.Plan(_order[index], random);
        if (planned.Count == 0) return Tasks.Draw.None("no question about another document is free of this one");

        var room = _options.Length + ParagraphPool.SeparatorCost;
        var (questions, needed) = Fitting(planned, ref room);
        if (questions.Count == 0) return Tasks.Draw.None("gold paragraphs longer than the context");
        if (ContextFilling.Fill(_pool, Candidates(questions, needed, random), room) is not { } fillers)
            return Tasks.Draw.None("the file has fewer tokens than the context length");

        var blocks = Ordered(needed, fillers, random);
        var context = new ContextBuilder();
        var placed = new Dictionary<int, PlacedPiece>();
        foreach (var block in blocks) placed.Add(block, context.Add(ParagraphPool.Separator, _pool[block].Block));
        return Tasks.Draw.Of(new Problem
        {
            Index = index,
            Context = context.Text,
            Unit = SegmentUnit.Paragraph,
            ContextTokens = context.Tokens,
            Questions = [.. questions.Select(q => Question(q, context, placed))],
        }) with
        {
            LeftOut = questions.Count == planned.Count ? ReadOnlyDictionary<string, int>.Empty
                : new Dictionary<string, int>(StringComparer.Ordinal) { ["questions whose gold paragraphs no longer fit"] = planned.Count - questions.Count },
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<GoldAnswer> TrainingAnswers() =>
    [
        .. Enumerable.Range(0, _planner.Draws)
            .SelectMany(draw => _planner.Plan(_order[draw], RandomFor(_order[draw])).Select(q => new GoldAnswer(q.Row.Kind, q.Answers[0], draw))),
    ];

    private Random RandomFor(int draw) => TaskRandom.For(Name, TaskSplit.Test, _options.Seed, draw);

    /// <summary>The questions whose paragraphs still fit, in order, and those paragraphs.</summary>
    private (List<PlannedQuestion> Questions, List<int> Needed) Fitting(IReadOnlyList<PlannedQuestion> planned, ref int room)
    {
        var (questions, needed) = (new List<PlannedQuestion>(), new List<int>());
        foreach (var question in planned)
        {
            int[] more = [.. question.Needed.Select(_pool.NumberOf).Distinct().Except(needed)];
            if (more.Sum(_pool.Cost) > room) continue;
            room -= more.Sum(_pool.Cost);
            needed.AddRange(more);
            questions.Add(question);
        }

        return (questions, needed);
    }

    /// <summary>What may fill the context: the questions' own distractors at random, then all others at random.</summary>
    private IEnumerable<int> Candidates(List<PlannedQuestion> questions, List<int> needed, Random random)
    {
        var gold = needed.Select(n => _pool[n].Key).ToHashSet(StringComparer.Ordinal);
        var asked = questions.Where(q => q.Answerability == Answerability.Answerable);
        var excluded = new ExcludedParagraphs([.. questions.Except(asked).Select(q => q.Row)]);
        int[] own = [.. asked.SelectMany(q => q.Row.Distractors).Select(_pool.NumberOf).Distinct()];
        int[] all = [.. Enumerable.Range(0, _pool.Count)];
        return random.PickDistinct(own, own.Length)
            .Concat(random.PickDistinct(all, all.Length))
            .Distinct()
            .Where(n => !gold.Contains(_pool[n].Key) && !excluded.Contains(_pool[n]));
    }

    /// <summary>All blocks at random; with a depth, those that are needed together at that share of the others' tokens.</summary>
    private List<int> Ordered(List<int> needed, List<int> fillers, Random random)
    {
        var all = random.PickDistinct([.. needed, .. fillers], needed.Count + fillers.Count);
        if (_options.Depth.Share is not { } share) return all;
        List<int> blocks = [.. all.Where(b => !needed.Contains(b))];
        var (target, before, at) = (share * blocks.Sum(_pool.Cost), 0, 0);
        while (at < blocks.Count && before + (_pool.Cost(blocks[at]) / 2.0) <= target) before += _pool.Cost(blocks[at++]);
        blocks.InsertRange(at, all.Where(needed.Contains));
        return blocks;
    }

    private ProblemQuestion Question(PlannedQuestion question, ContextBuilder context, Dictionary<int, PlacedPiece> placed)
    {
        var support = question.Answerability == Answerability.Answerable ? question.Row.Support : [];
        return new ProblemQuestion
        {
            Kind = question.Row.Kind,
            Text = question.Row.Text,
            Answers = question.Answers,
            Answerability = question.Answerability,
            Support = [.. support.Select(s => Fact(question.Row, s, context, placed))],
        };
    }

    private SupportingFact Fact(
        DocumentQuestion row, SupportSpan span, ContextBuilder context, Dictionary<int, PlacedPiece> placed)
    {
        var block = placed[_pool.NumberOf(row.Gold[span.Gold])];
        var before = block.Text[..span.Start].TrimEnd();
        var tokens = block.TokensBefore + (before.Length == 0 ? 0 : ContextBuilder.Count(before));
        return context.Fact(new PlacedPiece(block.Text.Substring(span.Start, span.Length), block.Offset + span.Start, tokens));
    }
}
