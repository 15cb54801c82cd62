using Perk.Core.Documents;

namespace Perk.Core.Tasks.BabiLong;

/// <summary>
/// BabiLong (Kuratov et al. 2024, arXiv 2406.10149) as PERK asks it: the facts of a bAbI story scattered in natural text, each
/// numbered for its person; questions that follow from one, two or three of them.
/// </summary>
public sealed class BabiLongTask : IMemoryTask
{
    private const int TrainingAnswersWanted = 600;

    private readonly BabiLongOptions _options;
    private readonly Haystack _haystack;
    private readonly StorySource _stories;

    /// <summary>Takes options and text.</summary>
    /// <exception cref="ArgumentException">An option is not right.</exception>
    /// <exception cref="TaskDataException">The text is shorter than a context.</exception>
    public BabiLongTask(BabiLongOptions options, Haystack haystack)
    {
        options.Validate();
        haystack.Require(options.Length);
        (_options, _haystack) = (options, haystack);
        _stories = new(options, options.Split, options.WordsOrDefault);
    }

    /// <inheritdoc/>
    public string Name => NameOf(_options.Level);

    /// <inheritdoc/>
    public int? Draws => _stories.Count;

    /// <inheritdoc/>
    public Draw Draw(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Draws ?? int.MaxValue);
        var story = _stories[index];
        var random = TaskRandom.For(Name, _options.Split, _options.Seed, index);
        if (StoryContext.Build(_haystack, Lines(story.Facts), _options.Length, _options.Depth, random) is not { } context)
            return Tasks.Draw.None("story longer than the context");

        var slots = new QuestionSlots(_options, _stories, _options.WordsOrDefault);
        return Tasks.Draw.Of(new()
        {
            Index = index,
            Context = context.Built.Text,
            Unit = SegmentUnit.Packed,
            ContextTokens = context.Built.Tokens,
            Facts = [.. context.Lines.Select(context.Built.Fact)],
            Questions = [.. slots.Choose(index, story, random)
                .Select(q => Question(q, context))],
        });
    }

    /// <summary>
    /// A file's answers, with unknown ones in the share that is asked; of a simulation those of other stories in the same words, so
    /// that the blind guess is one that can be right.
    /// </summary>
    public IReadOnlyList<GoldAnswer> TrainingAnswers()
    {
        if (_options.File is not null) return [.. _stories.FileAnswers(), .. UnknownAnswers()];

        var lists = _options.WordsOrDefault;
        var stories = new StorySource(_options, TaskSplit.Train, lists);
        var slots = new QuestionSlots(_options, stories, lists);
        var answers = new List<GoldAnswer>();
        for (var index = 0; answers.Count < TrainingAnswersWanted; index++)
        {
            var story = stories[index];
            var random = TaskRandom.For(Name, TaskSplit.Train, _options.Seed, index);
            answers.AddRange(slots.Choose(index, story, random)
                .Select(q => new GoldAnswer(StoryQuestion.KindOf(q.Level), q.Story?.Answer ?? UnknownAnswer.Text)));
        }

        return answers;
    }

    private IEnumerable<GoldAnswer> UnknownAnswers()
    {
        var share = _options.Unknown.Unanswerable + _options.Unknown.OtherDocument;
        if (share == 0) return [];
        var known = _stories.FileAnswers().CountBy(a => a.Kind, StringComparer.Ordinal);
        return known.SelectMany(kind => Enumerable.Repeat(
            new GoldAnswer(kind.Key, UnknownAnswer.Text), share < 1 ? (int)Math.Round(kind.Value * share / (1 - share)) : 1 + kind.Value));
    }

    /// <summary>The name of a level's task.</summary>
    internal static string NameOf(BabiLevel level) => level switch
    {
        BabiLevel.Qa1 => "qa1",
        BabiLevel.Qa2 => "qa2",
        BabiLevel.Qa3 => "qa3",
        _ => "order",
    };

    private ProblemQuestion Question(AskedQuestion asked, StoryContext context) => new()
    {
        Kind = StoryQuestion.KindOf(asked.Level),
        Text = asked.Text,
        Answers = [asked.Story?.Answer ?? UnknownAnswer.Text],
        Support = [.. asked.Story?.Support.Select(i => context.Built.Fact(context.Lines[i])) ?? []],
        // Without numbers nothing has an echo, and the way back is not told.
        Lead = _options.EventPrefix && asked.Story is { Lead.Count: > 0 } story
            ? [Echoes.OfLastWords(context.Lines[story.Lead[0]].Text)!, .. story.Lead.Skip(1).Select(i => context.Lines[i].Text)]
            : [],
        Answerability = asked.Answerability,
    };

    private List<string> Lines(IReadOnlyList<StoryFact> facts)
    {
        if (!_options.EventPrefix) return [.. facts.Select(f => f.Text)];
        var events = new Dictionary<string, int>(StringComparer.Ordinal);
        var lines = new List<string>();
        foreach (var fact in facts)
        {
            var number = events.GetValueOrDefault(fact.Agent);
            events[fact.Agent] = number + 1;
            lines.Add(FormattableString.Invariant($"{fact.Agent} Event {number}: {fact.Text}"));
        }

        return lines;
    }
}
