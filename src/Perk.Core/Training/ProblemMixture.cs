using Perk.Core.Documents;
using Perk.Core.MetaLearning;
using Perk.Core.Models;
using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;
using Perk.Core.Tasks.Retrieval;
using Perk.Core.Tasks.StudentRecords;

namespace Perk.Core.Training;

/// <summary>The problems of a training: a function of recipe, step and number. Never of the test lists.</summary>
public sealed class ProblemMixture
{
    private const int Tries = 50;

    private readonly TrainRecipe _recipe;
    private readonly TextTokenizer _tokenizer;
    private readonly Haystack _haystack;
    private readonly int _window;
    private readonly Lazy<WideWorld> _wide;
    private readonly Dictionary<string, JsonLinesTask> _files = new(StringComparer.Ordinal);

    /// <summary>Takes a recipe and what it needs.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="tokenizer">The base model's tokenizer.</param>
    /// <param name="haystack">Natural text of the training books.</param>
    /// <param name="window">The base model's window.</param>
    /// <exception cref="TaskDataException">A file of the user's is damaged.</exception>
    public ProblemMixture(TrainRecipe recipe, TextTokenizer tokenizer, Haystack haystack, int window)
    {
        (_recipe, _tokenizer, _haystack, _window) = (recipe, tokenizer, haystack, window);
        _wide = new Lazy<WideWorld>(() => new WideWorld(haystack));
        foreach (var share in recipe.Tasks)
        {
            if (share.Data is { } file)
                _files.TryAdd(file, new JsonLinesTask(new JsonLinesOptions { Path = file, Questions = recipe.Questions, Length = share.MaxLength }));
        }
    }

    /// <summary>The problems of an outer step.</summary>
    public IReadOnlyList<TrainingProblem> Batch(int step)
    {
        var problems = Drawn(step);
        var answers = ContentWords.Of(problems.SelectMany(p => p.Problem.Questions).SelectMany(q => q.Answers));
        return [.. problems.Select(p => Tokenised(p.Problem, p.Amplified, answers)).Where(p => p.Questions.Count > 0)];
    }

    /// <summary>Held-out problems of a task of the mixture: of the training lists, which no step draws.</summary>
    /// <param name="share">The task.</param>
    /// <param name="index">The number of the problem.</param>
    public Problem Validation(TaskShare share, int index) =>
        Draw(share, share.MaxLength, ~_recipe.Seed, index * Tries);

    /// <summary>The segments of a problem, as the inner loop reads them.</summary>
    public IReadOnlyList<TokenSegment> Segments(Problem problem, double amplified = 1)
    {
        var segmenter = new Segmenter(_tokenizer, new SegmenterOptions { MaxTokens = _recipe.SegmentTokens, Unit = problem.Unit });
        return [.. segmenter.Cut(problem.Context).SelectMany(segment =>
        {
            var written = PromptFormat.Segments(_tokenizer, [segment], _recipe.Inner.Echo);
            var quiet = amplified == 1 || problem.Facts.Count == 0
                || problem.Facts.Any(f => f.Offset < segment.Offset + segment.Length && f.Offset + f.Text.Length > segment.Offset);
            return quiet ? written : written.Select(w => w with { Scale = amplified });
        })];
    }

    private List<(Problem Problem, double Amplified)> Drawn(int step)
    {
        // Contexts of a step are of like length, so that little of the batch is padding.
        var position = TaskRandom.For("length", TaskSplit.Train, _recipe.Seed, step).NextDouble();
        var drawn = new List<(Problem, double)>();
        for (var p = 0; p < _recipe.Problems; p++)
        {
            var number = checked(step * _recipe.Problems + p);
            var random = TaskRandom.For("mixture", TaskSplit.Train, _recipe.Seed, number);
            var share = Pick(random);
            var (least, most) = (share.MinLength, share.MaxLengthAt(step));
            var length = (int)(least * Math.Pow((double)most / least, position));
            var amplified = _recipe.Amplification is { } loud && random.NextDouble() < loud.Share ? Math.Pow(loud.Greatest, random.NextDouble()) : 1;
            drawn.Add((Draw(share, length, _recipe.Seed, number), amplified));
        }

        return drawn;
    }

    private TaskShare Pick(Random random)
    {
        var at = random.NextDouble() * _recipe.Tasks.Sum(t => t.Weight);
        foreach (var share in _recipe.Tasks)
        {
            at -= share.Weight;
            if (at < 0) return share;
        }

        return _recipe.Tasks[^1];
    }

    private Problem Draw(TaskShare share, int length, long seed, int number)
    {
        for (var tries = 0; tries < Tries; tries++)
        {
            // What does not fit is drawn again, with more room.
            var task = Create(share, (int)Math.Min(int.MaxValue / 2, length * (1 + tries / 4.0)), seed, number);
            var drawn = task.Draw(task.Draws is { } draws ? (number + tries) % draws : number);
            if (drawn.Problem is { } problem) return problem;
            number = unchecked(number * 31 + 17) & int.MaxValue;
        }

        throw new ArgumentException($"Task {share.Task} gives no problem of {length} to {13 * length} tokens; use a greater minLength.");
    }

    private IMemoryTask Create(TaskShare share, int length, long seed, int number)
    {
        var unknown = new UnknownShares(share.Unanswerable, 0);
        return share.Task switch
        {
            "recall" or "relation" or "aggregate" => new StudentRecordsTask(new StudentRecordsOptions
            {
                Family = share.Task switch { "recall" => StudentQuestions.Recall, "relation" => StudentQuestions.Relation, _ => StudentQuestions.Aggregate },
                Length = Math.Max(StudentRecordsTask.MinLength, length),
                Questions = Math.Min(_recipe.Questions, share.Task == "aggregate" ? 3 : Math.Max(StudentRecordsTask.MinLength, length) / 64),
                Seed = seed,
                Split = TaskSplit.Train,
                Name = share.World == "wide" ? _wide.Value.StudentName : null,
                Unknown = unknown,
            }),
            "kv" => new KeyValueTask(new KeyValueOptions
            {
                Length = Math.Max(192, length),
                Questions = Math.Min(_recipe.Questions, Math.Max(192, length) / 96),
                Seed = seed,
                Split = TaskSplit.Train,
                Unknown = unknown,
            }),
            "jsonl" => _files[share.Data!],
            _ => new BabiLongTask(
                new BabiLongOptions
                {
                    Level = share.Task switch { "qa1" => BabiLevel.Qa1, "qa2" => BabiLevel.Qa2, "qa3" => BabiLevel.Qa3, _ => BabiLevel.Order },
                    Length = length,
                    Questions = _recipe.Questions,
                    Seed = seed,
                    Split = TaskSplit.Train,
                    Lists = share.World switch
                    {
                        "original" => WorldLists.Original,
                        "wide" => _wide.Value.Draw(TaskRandom.For("world", TaskSplit.Train, seed, number)),
                        _ => WorldLists.Train,
                    },
                    Unknown = unknown,
                },
                _haystack),
        };
    }

    private TrainingProblem Tokenised(Problem problem, double amplified, HashSet<string> answers)
    {
        var icr = _recipe.Method == TrainMethod.Icr;
        IReadOnlyList<TokenSegment> segments = icr ? [] : Segments(problem, amplified);
        var questions = problem.Questions.Select(question =>
        {
            var text = AnswerTarget.Of(question, _recipe.Inner.Echo != Echo.None);
            int[] target = [.. _tokenizer.Encode(text), _tokenizer.EosId];
            var prompt = icr ? PromptFormat.InContext(_tokenizer, problem.Context, question.Text) : PromptFormat.Question(_tokenizer, segments.Count(s => !s.IsEcho), question.Text);
            return WeightedSequence.Of(prompt, target, ContentWords.Weights(_tokenizer, text, target, answers, _recipe.ContentWeight, _recipe.AnswerWeight));
        });
        // What does not fit the window cannot be trained on.
        return new TrainingProblem(segments, [.. questions.Where(q => q.Ids.Length <= _window)]);
    }
}
