using Perk.Core.Documents;

namespace Perk.Core.Tasks.StudentRecords;

/// <summary>
/// Registers of student records, one a line, and questions about them (PERK, arXiv 2507.06415: "drops in the ocean", for what
/// distracts looks like what answers). Ids, names and combinations of attributes of the two splits are disjoint.
/// </summary>
public sealed class StudentRecordsTask : IMemoryTask
{
    /// <summary>The least tokens of a context: four records.</summary>
    public const int MinLength = 4 * MostTokens;

    /// <summary>No record has more tokens, with its line end.</summary>
    internal const int MostTokens = 64;

    private const int UsualTokens = 33;
    private const int MorePairs = 5; // So that few questions at one depth have pairs to choose from.
    private const int EnoughAnswers = 600;

    private readonly StudentRecordsOptions _options;

    /// <summary>Takes the options.</summary>
    /// <exception cref="ArgumentException">One of them cannot be; the message says what would be right.</exception>
    public StudentRecordsTask(StudentRecordsOptions options)
    {
        var aggregate = options.Family == StudentQuestions.Aggregate;
        var most = aggregate ? AggregateForm.Forms.Count : options.Length / MostTokens;
        if (options.Length < MinLength)
            throw new ArgumentException($"Length is {options.Length} tokens; a register takes at least {MinLength}.");
        if (options.Questions < 1 || options.Questions > most)
        {
            throw new ArgumentException(
                $"Questions is {options.Questions}; {options.Family} over {options.Length} tokens takes 1 to {most}.");
        }

        LineRegister<StudentRecord>.Check(options.Depth);
        if (aggregate && options.Depth.Share is { } share)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"Depth is {share}; it must be random for Aggregate, which asks about all records."));
        }

        if (aggregate && options.Unknown != UnknownShares.None)
            throw new ArgumentException("Unknown has a share above 0; it must be 0 for Aggregate, which every register answers.");
        _options = options;
    }

    /// <inheritdoc/>
    public string Name => _options.Family switch
    {
        StudentQuestions.Recall => "recall",
        StudentQuestions.Relation => "relation",
        _ => "aggregate",
    };

    /// <inheritdoc/>
    public int? Draws => null;

    /// <inheritdoc/>
    public Draw Draw(int index)
    {
        var random = Random(_options.Split, index);
        var records = StudentRegister.Records(random, _options.Split, _options.Name);
        var register = new LineRegister<StudentRecord>(_options.Length, records, r => r.Line);
        var reach = (_options.Family, _options.Depth.Share) switch
        {
            (StudentQuestions.Recall, _) => _options.Questions,
            (_, null) => register.Records.Count,
            _ => _options.Questions + MorePairs,
        };
        var near = register.Near(_options.Depth, reach, random).ConvertAll(i => register.Records[i]);
        var questions = Questions(random, _options.Split, index, register.Records)
            .Draw(_options.Questions, register.Records, near);
        if (questions is null) return Tasks.Draw.None("records too much alike to be compared");

        var numbers = register.Records.Index().ToDictionary(r => r.Item.Id, r => r.Index, StringComparer.Ordinal);
        return Tasks.Draw.Of(new Problem
        {
            Index = index,
            Context = register.Text,
            Unit = SegmentUnit.Line,
            ContextTokens = register.Tokens,
            Questions = [.. questions.Select(q => q.WithSupport(q.Support.Select(r => register.Fact(numbers[r.Id]))))],
        });
    }

    /// <inheritdoc/>
    /// <remarks>Registers here have about as many records as the length takes, and more questions than the options say.</remarks>
    public IReadOnlyList<GoldAnswer> TrainingAnswers()
    {
        var answers = new List<GoldAnswer>();
        for (var index = 0; answers.Count < EnoughAnswers; index++)
        {
            var random = Random(TaskSplit.Train, index);
            var register = StudentRegister.Records(random, TaskSplit.Train).Take(_options.Length / UsualTokens).ToList();
            var count = _options.Family == StudentQuestions.Aggregate ? AggregateForm.Forms.Count : Math.Min(16, register.Count);
            var near = random.PickDistinct(register, register.Count);
            var questions = Questions(random, TaskSplit.Train, index, register).Draw(count, register, near);
            answers.AddRange((questions ?? []).Select(q => new GoldAnswer(q.Kind, q.Answer)));
        }

        return answers;
    }

    private Random Random(TaskSplit split, int index) => TaskRandom.For(Name, split, _options.Seed, index);

    private RegisterQuestions Questions(Random random, TaskSplit split, int index, IReadOnlyList<StudentRecord> register)
    {
        // The next draw surely has its first records, as many as fit if they are the longest.
        var others = new Lazy<List<string>>(() =>
        [
            .. StudentRegister.Records(Random(split, index + 1), split).Take(_options.Length / MostTokens).Select(r => r.Id)
                .Except(register.Select(r => r.Id), StringComparer.Ordinal),
        ]);
        return new(
            _options.Family,
            _options.Unknown,
            random,
            nobody: () => StudentRegister.Id(random, split, told: false),
            other: () => random.Pick(others.Value));
    }
}
